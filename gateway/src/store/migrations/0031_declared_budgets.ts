import type { Migration } from "./migration.ts";

/** Which budgets the configuration file owns, by their name there. */
export const declaredBudgets: Migration = {
  version: 31,
  name: "declared_budgets",
  async up({ schema }) {
    await schema.alterTable("budgets").addColumn("declared_as", "text").execute();
    await schema.createIndex("budgets.declared_as").unique().on("budgets").column("declared_as").execute();
  },
};
