import type { Migration } from "./migration.ts";

const FAILOVER_ON =
  '["rate_limited","timeout","unavailable","server_error","network","auth","context_length","shape"]';

/** Failover, stickiness and fallbacks of routing policies, and what a backend's account takes. */
export const routing: Migration = {
  version: 13,
  name: "routing",
  async up({ schema }) {
    const added = [
      ["failover_on", FAILOVER_ON],
      ["midstream", "error"],
      ["sticky", "none"],
      ["fallback_models", "[]"],
      ["fallback_price", "asked"],
    ] as const;
    for (const [column, value] of added) {
      await schema
        .alterTable("routing_policies")
        .addColumn(column, "text", (c) => c.notNull().defaultTo(value))
        .execute();
    }
    await schema.alterTable("backends").addColumn("account_limits", "text").execute();
  },
};
