import { type Kysely, sql } from "kysely";
import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

type Schema = Kysely<unknown>["schema"];

async function auditLog(schema: Schema, columns: Columns): Promise<void> {
  const { integer } = columns;
  await columns
    .endAppended(schema.createTable("audit_log"))
    .addColumn("id", "text", required)
    .addColumn("at", integer, required)
    .addColumn("action", "text", required)
    .addColumn("actor_id", "text")
    .addColumn("actor_email", "text")
    .addColumn("actor_type", "text", required)
    .addColumn("tenant_id", "text")
    .addColumn("partner_id", "text")
    .addColumn("resource_type", "text", required)
    .addColumn("resource_id", "text")
    .addColumn("ip_address", "text")
    .addColumn("user_agent", "text")
    .addColumn("status", "text", required)
    .addColumn("error_code", "text")
    .addColumn("request_id", "text")
    .addColumn("count", integer, required)
    .addColumn("changes", "text", required)
    .addColumn("sealed_seq", integer)
    .addPrimaryKeyConstraint("audit_log.id", ["id"])
    .execute();
  for (const column of ["tenant_id", "partner_id", "actor_id", "resource_id"]) {
    await schema.createIndex(`audit_log_by_${column}`).on("audit_log").columns([column, "id"]).execute();
  }
  // Holds the rows of the last seconds only: whoever seals asks for nothing else.
  await schema
    .createIndex("audit_log_unsealed")
    .on("audit_log")
    .column("id")
    .where(sql.ref("sealed_seq"), "is", null)
    .execute();
}

/** Who changed what, in a sealed order, and the events that changes cause. */
export const audit: Migration = {
  version: 5,
  name: "audit",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    const { integer } = columns;
    await auditLog(schema, columns);
    await columns
      .end(schema.createTable("audit_chain"))
      .addColumn("seq", integer, required)
      .addColumn("audit_id", "text", required)
      .addColumn("row_hash", "text", required)
      .addColumn("hash", "text", required)
      .addPrimaryKeyConstraint("audit_chain.seq", ["seq"])
      .execute();
    await columns
      .end(schema.createTable("events"))
      .addColumn("id", "text", required)
      .addColumn("type", "text", required)
      .addColumn("tenant_id", "text")
      .addColumn("partner_id", "text")
      .addColumn("payload", "text", required)
      .addColumn("at", integer, required)
      .addPrimaryKeyConstraint("events.id", ["id"])
      .execute();
  },
};
