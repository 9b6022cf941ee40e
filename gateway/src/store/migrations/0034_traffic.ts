import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** How many requests ended how, and how long they took, by minute. */
export const traffic: Migration = {
  version: 34,
  name: "traffic",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    let table = columns
      .end(schema.createTable("traffic"))
      .addColumn("level", "text", required)
      .addColumn("owner_id", "text", required)
      .addColumn("minute", columns.integer, required)
      .addColumn("node_id", "text", required);
    for (const outcome of ["completed", "client_gone", "failed", "refused"]) {
      table = table.addColumn(outcome, columns.integer, required);
    }
    await table
      .addColumn("latencies", "text", required)
      .addColumn("first_contents", "text", required)
      .addPrimaryKeyConstraint("traffic.level,owner_id,minute,node_id", [
        "level",
        "owner_id",
        "minute",
        "node_id",
      ])
      .execute();
    await schema.createIndex("traffic_by_minute").on("traffic").columns(["minute"]).execute();
  },
};
