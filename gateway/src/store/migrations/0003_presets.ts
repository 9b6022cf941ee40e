import type { Migration } from "./migration.ts";

/** Which known server a provider is, and where a price is from. */
export const presets: Migration = {
  version: 3,
  name: "presets",
  async up({ schema }) {
    await schema.alterTable("providers").addColumn("preset", "text").execute();
    await schema.alterTable("price_versions").addColumn("source", "text").execute();
  },
};
