import type { Migration } from "./migration.ts";

/** What the configuration file owns, by its name there: no two of a kind, whichever nodes read the file at once. */
export const declared: Migration = {
  version: 16,
  name: "declared",
  async up({ schema }) {
    for (const table of ["providers", "backends", "models", "routing_policies"]) {
      await schema.alterTable(table).addColumn("declared_as", "text").execute();
      await schema.createIndex(`${table}.declared_as`).unique().on(table).column("declared_as").execute();
    }
  },
};
