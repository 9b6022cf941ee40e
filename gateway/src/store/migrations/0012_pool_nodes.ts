import type { Migration } from "./migration.ts";

/** The servers of a provider that is a pool of them. */
export const poolNodes: Migration = {
  version: 12,
  name: "pool_nodes",
  async up({ schema }) {
    await schema.alterTable("providers").addColumn("nodes", "text").execute();
  },
};
