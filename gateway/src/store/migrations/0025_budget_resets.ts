import { sql } from "kysely";
import { Columns } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** Of which ends of windows somebody has been told. */
export const budgetResets: Migration = {
  version: 25,
  name: "budget_resets",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await schema.alterTable("budget_windows").addColumn("reset_told_at", columns.integer).execute();
    // Few windows are nearly used up, and fewer wait to be told of: looking for them must not grow with the others.
    await schema
      .createIndex("budget_windows_untold")
      .on("budget_windows")
      .column("ends_at")
      .where(sql.ref("soft_told_at"), "is not", null)
      .where(sql.ref("reset_told_at"), "is", null)
      .execute();
  },
};
