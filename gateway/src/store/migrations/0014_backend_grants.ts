import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** Which partners and tenants may route models of their own over which backends, and which policies rest on that. */
export const backendGrants: Migration = {
  version: 14,
  name: "backend_grants",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("backend_grants"))
      .addColumn("id", "text", required)
      .addColumn("backend_id", "text", (c) => c.notNull().references("backends.id"))
      .addColumn("partner_id", "text", (c) => c.notNull().references("partners.id"))
      .addColumn("tenant_id", "text", (c) => c.references("tenants.id"))
      .addColumn("subject_id", "text", required)
      .addColumn("granted_by", "text", required)
      .addColumn("created_at", columns.integer, required)
      .addPrimaryKeyConstraint("backend_grants.id", ["id"])
      .addUniqueConstraint("backend_grants.backend_id,subject_id", ["backend_id", "subject_id"])
      .execute();
    for (const column of ["partner_id", "tenant_id"]) {
      await schema
        .createIndex(`backend_grants_by_${column}`)
        .on("backend_grants")
        .columns([column, "id"])
        .execute();
    }
    await schema
      .alterTable("routing_policies")
      .addColumn("under_grants", columns.integer, (c) => c.notNull().defaultTo(0))
      .execute();
  },
};
