import type { Budget } from "../../src/core/budget.ts";

/** An armed budget of 100 pico a day that refuses. */
export function budgetOf(change: Partial<Budget> = {}): Budget {
  return {
    id: "budget_1",
    scope: "tenant",
    scopeId: "tenant_1",
    partnerId: "partner_1",
    tenantId: "tenant_1",
    period: "daily",
    limits: { pico: 100n },
    softLimit: 8_000,
    hardAction: "block",
    setBy: "tenant",
    createdAt: 0,
    armedAt: 0,
    ...change,
  };
}
