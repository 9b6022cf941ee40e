import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** Budgets, what was spent in each of their windows, and which of them a request has moved. */
export const budgets: Migration = {
  version: 11,
  name: "budgets",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await columns
      .end(schema.createTable("budgets"))
      .addColumn("id", "text", required)
      .addColumn("scope", "text", required)
      .addColumn("scope_id", "text", required)
      .addColumn("partner_id", "text", (c) => c.notNull().references("partners.id"))
      .addColumn("tenant_id", "text", (c) => c.references("tenants.id"))
      .addColumn("user_id", "text", (c) => c.references("users.id"))
      .addColumn("period", "text", required)
      .addColumn("cost_limit", "text")
      .addColumn("token_limit", columns.integer)
      .addColumn("request_limit", columns.integer)
      .addColumn("soft_limit", columns.integer, required)
      .addColumn("hard_action", "text", required)
      .addColumn("set_by", "text", required)
      .addColumn("created_at", columns.integer, required)
      .addColumn("armed_at", columns.integer)
      .addPrimaryKeyConstraint("budgets.id", ["id"])
      .execute();
    await schema.createIndex("budgets_by_scope").on("budgets").column("scope_id").execute();
    await columns
      .end(schema.createTable("budget_windows"))
      .addColumn("budget_id", "text", required)
      .addColumn("starts_at", columns.integer, required)
      .addColumn("ends_at", columns.integer)
      .addColumn("spent_units", columns.integer, required)
      .addColumn("spent_pico", columns.integer, required)
      .addColumn("spent_tokens", columns.integer, required)
      .addColumn("spent_requests", columns.integer, required)
      .addColumn("soft_told_at", columns.integer)
      .addColumn("hard_told_at", columns.integer)
      .addPrimaryKeyConstraint("budget_windows.budget_id,starts_at", ["budget_id", "starts_at"])
      .execute();
    await schema.alterTable("usage").addColumn("budgets", "text").execute();
  },
};
