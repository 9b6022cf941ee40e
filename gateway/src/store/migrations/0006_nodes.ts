import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** Nodes of a cluster, how far their journals have been taken, and journal rows that could not be. */
export const nodes: Migration = {
  version: 6,
  name: "nodes",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("nodes"))
      .addColumn("id", "text", required)
      .addColumn("host", "text", required)
      .addColumn("version", "text", required)
      .addColumn("started_at", columns.integer, required)
      .addColumn("heard_at", columns.integer, required)
      .addColumn("flushed_at", columns.integer, required)
      .addColumn("last_seq", columns.integer, required)
      .addColumn("closed_at", columns.integer)
      .addPrimaryKeyConstraint("nodes.id", ["id"])
      .execute();
    await columns
      .end(schema.createTable("quarantined_rows"))
      .addColumn("node_id", "text", required)
      .addColumn("seq", columns.integer, required)
      .addColumn("body", "text", required)
      .addColumn("reason", "text", required)
      .addColumn("at", columns.integer, required)
      .addPrimaryKeyConstraint("quarantined_rows.node_id,seq", ["node_id", "seq"])
      .execute();
  },
};
