import { joinAmount } from "../../base/money.ts";
import type { BudgetPeriod, BudgetScope, Measure } from "../../core/budget.ts";
import { optionalNumber, present } from "../rows.ts";
import type { Reader } from "../store.ts";
import { build, type Write } from "../write.ts";

/** A window that has ended, of a budget that was told of in it. */
export interface EndedWindow {
  readonly budgetId: string;
  readonly scope: BudgetScope;
  readonly scopeId: string;
  readonly partnerId: string;
  readonly tenantId?: string;
  readonly period: BudgetPeriod;
  readonly start: number;
  readonly end: number;
  readonly spent: Measure;
}

/** Windows that have ended before `nowMs` and of whose end nobody has been told, the first to end first. */
export async function untoldEnds(read: Reader, nowMs: number, limit: number): Promise<EndedWindow[]> {
  const rows = await read
    .selectFrom("budget_windows as w")
    .innerJoin("budgets as b", "b.id", "w.budget_id")
    .select(["b.id", "b.scope", "b.scope_id", "b.partner_id", "b.tenant_id", "b.period"])
    .select(["w.starts_at", "w.ends_at"])
    .select(["w.spent_units", "w.spent_pico", "w.spent_tokens", "w.spent_requests"])
    .where("w.soft_told_at", "is not", null)
    .where("w.reset_told_at", "is", null)
    .where("w.ends_at", "<=", BigInt(nowMs))
    .orderBy("w.ends_at")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    budgetId: row.id,
    scope: row.scope,
    scopeId: row.scope_id,
    partnerId: row.partner_id,
    ...present({ tenantId: row.tenant_id }),
    period: row.period,
    start: Number(row.starts_at),
    end: optionalNumber(row.ends_at) ?? 0,
    spent: {
      pico: joinAmount({ units: row.spent_units, pico: row.spent_pico }),
      tokens: Number(row.spent_tokens),
      requests: Number(row.spent_requests),
    },
  }));
}

/** Notes that somebody was told of the end of a window. Conflicts: `missing` where they were before. */
export function markEndTold({ budgetId, start }: EndedWindow, atMs: number): Write {
  const statement = build
    .updateTable("budget_windows")
    .set({ reset_told_at: BigInt(atMs) })
    .where("budget_id", "=", budgetId)
    .where("starts_at", "=", BigInt(start))
    .where("reset_told_at", "is", null);
  return { statement, about: "budget_window", expectRows: 1 };
}
