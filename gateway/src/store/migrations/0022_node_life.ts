import { type Kysely, sql } from "kysely";
import { AWAY, FREE_HOLDS, HOLD_BUDGETS_IN_TURN, REASSERT_HOLDS } from "../budgets/escrow-functions.ts";
import {
  ADMITS,
  BEAT,
  CLOSE_NODE,
  FORGIVE_HOLDS,
  REGISTER_NODE,
  RETIRE_HOLDS,
  STORE_START,
} from "../nodes/life-functions.ts";
import { ABSORB_ROW, BOOK_ROW } from "../nodes/quarantine-functions.ts";
import { Columns, type Engine, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** What becomes of nodes that are lost, closed in their absence and back, and of a server that has begun anew. */
export const nodeLife: Migration = {
  version: 22,
  name: "node_life",
  async up(db, engine) {
    const { schema } = db;
    const columns = new Columns(engine);
    const sum = engine === "sqlite" ? "integer" : "numeric";
    const counted = (table: string, type: "integer" | "numeric" | "bigint", name: string) =>
      schema
        .alterTable(table)
        .addColumn(name, type, (c) => c.notNull().defaultTo(0))
        .execute();
    await counted("budget_windows", sum, "retired_pico");
    await counted("budget_windows", columns.integer, "retired_tokens");
    await counted("budget_windows", columns.integer, "retired_requests");
    await counted("budget_holds", columns.integer, "is_retired");
    const added = (table: string, name: string, type: "integer" | "bigint" | "text") =>
      schema.alterTable(table).addColumn(name, type).execute();
    await added("nodes", "retired_at", columns.integer);
    await added("nodes", "lost_at", columns.integer);
    await added("quarantined_rows", "request_id", "text");
    await added("quarantined_rows", "absorbed_at", columns.integer);
    await columns
      .end(schema.createTable("node_turns"))
      .addColumn("node_id", "text", required)
      .addColumn("number", columns.integer, required)
      .addPrimaryKeyConstraint("node_turns.node_id", ["node_id"])
      .execute();
    await columns
      .end(schema.createTable("store_starts"))
      .addColumn("id", "text", required)
      .addColumn("seen_at", columns.integer, required)
      .addColumn("since", columns.integer, required)
      .addColumn("open_at", columns.integer)
      .addPrimaryKeyConstraint("store_starts.id", ["id"])
      .execute();
    await columns
      .end(schema.createTable("store_start_acks"))
      .addColumn("start_id", "text", required)
      .addColumn("node_id", "text", required)
      .addPrimaryKeyConstraint("store_start_acks.start_id,node_id", ["start_id", "node_id"])
      .execute();
    await functions(db, engine);
  },
};

async function functions(db: Kysely<unknown>, engine: Engine): Promise<void> {
  if (engine === "sqlite") return;
  await sql.raw("drop function scaigrid_hold_budgets(text, jsonb)").execute(db);
  for (const text of [
    STORE_START,
    ADMITS,
    REGISTER_NODE,
    BEAT,
    AWAY,
    HOLD_BUDGETS_IN_TURN,
    FREE_HOLDS,
    REASSERT_HOLDS,
    CLOSE_NODE,
    RETIRE_HOLDS,
    FORGIVE_HOLDS,
    BOOK_ROW,
    ABSORB_ROW,
  ]) {
    await sql.raw(text).execute(db);
  }
  await sql
    .raw("insert into node_turns (node_id, number) select id, 0 from nodes where closed_at is null")
    .execute(db);
  // The server that runs now has lost nothing that anybody knows of.
  await sql.raw("select scaigrid_store_start()").execute(db);
  await sql.raw("update store_starts set open_at = seen_at").execute(db);
}
