import { type Kysely, sql } from "kysely";
import { HOLD_BUDGETS, OPEN_WINDOW } from "../budgets/shared-functions.ts";
import { Columns, type Engine, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** What nodes that share a store have set aside in budgets, and which of them know of a new one. */
export const budgetHolds: Migration = {
  version: 15,
  name: "budget_holds",
  async up(db, engine) {
    const { schema } = db;
    const columns = new Columns(engine);
    // What many requests hold at once may be more than 64 bits: one column where there is a type for it.
    const sum = engine === "sqlite" ? "integer" : "numeric";
    const counted = (type: "integer" | "numeric" | "bigint", name: string) =>
      schema
        .alterTable("budget_windows")
        .addColumn(name, type, (c) => c.notNull().defaultTo(0))
        .execute();
    await counted(sum, "held_pico");
    await counted(columns.integer, "held_tokens");
    await counted(columns.integer, "held_requests");
    await columns
      .end(schema.createTable("budget_holds"))
      .addColumn("request_id", "text", required)
      .addColumn("budget_id", "text", required)
      .addColumn("node_id", "text", required)
      .addColumn("starts_at", columns.integer, required)
      .addColumn("pico", columns.integer, required)
      .addColumn("tokens", columns.integer, required)
      .addColumn("requests", columns.integer, required)
      .addPrimaryKeyConstraint("budget_holds.request_id,budget_id", ["request_id", "budget_id"])
      .execute();
    await schema.createIndex("budget_holds_by_node").on("budget_holds").column("node_id").execute();
    await columns
      .end(schema.createTable("budget_acks"))
      .addColumn("budget_id", "text", required)
      .addColumn("node_id", "text", required)
      .addPrimaryKeyConstraint("budget_acks.budget_id,node_id", ["budget_id", "node_id"])
      .execute();
    await functions(db, engine);
  },
};

/** Nodes with a store to themselves set aside in memory. */
async function functions(db: Kysely<unknown>, engine: Engine): Promise<void> {
  if (engine === "sqlite") return;
  await sql.raw(OPEN_WINDOW).execute(db);
  await sql.raw(HOLD_BUDGETS).execute(db);
}
