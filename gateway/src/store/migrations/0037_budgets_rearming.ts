import { Columns } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** Which budgets have begun to block since they were armed. */
export const budgetsRearming: Migration = {
  version: 37,
  name: "budgets_rearming",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await schema.alterTable("budgets").addColumn("rearming_at", columns.integer).execute();
  },
};
