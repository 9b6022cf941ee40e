import type { Migration } from "./migration.ts";
import { Columns } from "./columns.ts";

/** Facts kept with partners and tenants, users that are deleted, and lists of one tenant's users. */
export const tenancy: Migration = {
  version: 4,
  name: "tenancy",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    for (const table of ["partners", "tenants"] as const) {
      await schema
        .alterTable(table)
        .addColumn("settings", "text", (c) => c.notNull().defaultTo("{}"))
        .execute();
    }
    await schema.alterTable("users").addColumn("deleted_at", columns.integer).execute();
    await schema.createIndex("users_by_tenant").on("users").columns(["tenant_id", "id"]).execute();
  },
};
