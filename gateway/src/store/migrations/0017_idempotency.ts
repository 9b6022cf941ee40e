import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** Keys with which callers say that two calls are one, and what came of the first. */
export const idempotency: Migration = {
  version: 17,
  name: "idempotency",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("idempotency_keys"))
      .addColumn("id", "text", required)
      .addColumn("body_hash", "text", required)
      .addColumn("request_id", "text", required)
      .addColumn("node_id", "text", required)
      .addColumn("created_at", columns.integer, required)
      .addColumn("status", columns.integer)
      .addColumn("content_type", "text")
      .addColumn("answer", "text")
      .addPrimaryKeyConstraint("idempotency_keys.id", ["id"])
      .execute();
    await schema
      .createIndex("idempotency_keys_by_time")
      .on("idempotency_keys")
      .column("created_at")
      .execute();
  },
};
