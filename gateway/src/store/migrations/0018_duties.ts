import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** What one node does for all, and which nodes serve. */
export const duties: Migration = {
  version: 18,
  name: "duties",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("duties"))
      .addColumn("name", "text", required)
      .addColumn("node_id", "text", required)
      .addColumn("until", columns.integer, required)
      .addPrimaryKeyConstraint("duties.name", ["name"])
      .execute();
    await schema
      .alterTable("nodes")
      .addColumn("mode", "text", (column) => column.notNull().defaultTo("all"))
      .execute();
  },
};
