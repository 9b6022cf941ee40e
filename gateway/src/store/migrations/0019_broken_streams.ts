import type { Migration } from "./migration.ts";

/** Who pays for answers that do not reach their end, by partner and by tenant. */
export const brokenStreams: Migration = {
  version: 19,
  name: "broken_streams",
  async up({ schema }) {
    for (const table of ["partners", "tenants"]) {
      await schema.alterTable(table).addColumn("broken_streams", "text").execute();
    }
  },
};
