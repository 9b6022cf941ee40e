import { sql } from "kysely";
import { REGISTER_NODE } from "../nodes/life-functions.ts";
import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** How far the journals of nodes had been taken whose rows are gone. */
export const forgottenNodes: Migration = {
  version: 28,
  name: "forgotten_nodes",
  async up(db, engine) {
    const columns = new Columns(engine);
    await columns
      .end(db.schema.createTable("forgotten_nodes"))
      .addColumn("id", "text", required)
      .addColumn("last_seq", columns.integer, required)
      .addPrimaryKeyConstraint("forgotten_nodes.id", ["id"])
      .execute();
    if (engine === "sqlite") return;
    await sql.raw("drop function scaigrid_register_node(text, bigint, text, text, text)").execute(db);
    await sql.raw(REGISTER_NODE).execute(db);
  },
};
