import { sql } from "kysely";
import { formatAmount, PICO_PER_UNIT } from "../../base/money.ts";
import type { Budget, BudgetLimits, BudgetWindow, Measure } from "../../core/budget.ts";
import type { Scope } from "../../core/scope.ts";
import { changed } from "../changes/writer.ts";
import { optionalInteger } from "../rows.ts";
import { OWN_COLUMNS, scoped } from "../scope.ts";
import { build, type Write } from "../write.ts";

function limitColumns({ pico, tokens, requests }: BudgetLimits) {
  return {
    cost_limit: pico === undefined ? null : formatAmount(pico),
    token_limit: optionalInteger(tokens),
    request_limit: optionalInteger(requests),
  };
}

/** Conflicts: `missing_parent` (its partner, tenant or user); `taken` budgets.declared_as. */
export function createBudget(budget: Budget, atMs: number): Write[] {
  const statement = build.insertInto("budgets").values({
    id: budget.id,
    scope: budget.scope,
    scope_id: budget.scopeId,
    partner_id: budget.partnerId,
    tenant_id: budget.tenantId ?? null,
    user_id: budget.userId ?? null,
    period: budget.period,
    ...limitColumns(budget.limits),
    soft_limit: BigInt(budget.softLimit),
    hard_action: budget.hardAction,
    set_by: budget.setBy,
    created_at: BigInt(budget.createdAt),
    armed_at: optionalInteger(budget.armedAt),
    declared_as: budget.declaredAs ?? null,
  });
  return [changed("budget", budget.id, atMs), { statement, about: "budget", expectRows: 1 }];
}

/** What of a budget may change: all limits at once. */
export type BudgetChange = Partial<Pick<Budget, "limits" | "softLimit" | "hardAction">> & {
  /** Null takes it out of the configuration file's hands. */
  readonly declaredAs?: string | null;
};

/**
 * One that begins to block is armed again: nodes have said what they hold without knowing that. Conflicts: `missing`, also
 * outside the scope; `taken` budgets.declared_as.
 */
export function updateBudget(id: string, change: BudgetChange, scope: Scope, atMs: number): Write[] {
  const statement = build
    .updateTable("budgets")
    .set({
      id,
      ...(change.limits && limitColumns(change.limits)),
      ...(change.softLimit !== undefined && { soft_limit: BigInt(change.softLimit) }),
      ...(change.hardAction !== undefined && {
        hard_action: change.hardAction,
        rearming_at: change.hardAction === "block" ? since(atMs) : null,
      }),
      ...(change.declaredAs !== undefined && { declared_as: change.declaredAs }),
    })
    .where("id", "=", id)
    .where(scoped(scope, OWN_COLUMNS));
  const writes: Write[] = [changed("budget", id, atMs), { statement, about: "budget", expectRows: 1 }];
  if (change.hardAction !== "block") return writes;
  const rearming = build
    .selectFrom("budgets")
    .select("id")
    .where("id", "=", id)
    .where("rearming_at", "is not", null);
  return [
    ...writes,
    { statement: build.deleteFrom("budget_acks").where("budget_id", "in", rearming), about: "budget" },
  ];
}

/** Since when it blocks: not anew where it does already. */
function since(atMs: number) {
  return sql<bigint | null>`case when hard_action = 'block' then rearming_at else ${BigInt(atMs)} end`;
}

/** Deletes a budget with its windows. Conflicts: `missing`, also outside the scope. */
export function deleteBudget(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build.deleteFrom("budgets").where("id", "=", id).where(scoped(scope, OWN_COLUMNS));
  return [
    changed("budget", id, atMs),
    { statement, about: "budget", expectRows: 1 },
    { statement: build.deleteFrom("budget_windows").where("budget_id", "=", id), about: "budget_window" },
  ];
}

/** Deletes the budgets of a scope that goes, or of all scopes of a tenant that does. */
export function deleteBudgetsOf(column: "scope_id" | "tenant_id", id: string): Write[] {
  const gone = build.selectFrom("budgets").select("id").where(column, "=", id);
  return [
    { statement: build.deleteFrom("budget_windows").where("budget_id", "in", gone), about: "budget_window" },
    { statement: build.deleteFrom("budgets").where(column, "=", id), about: "budget" },
  ];
}

/** Adds to what was spent in a window, which is opened if need be. */
export function addSpent(budgetId: string, { start, end }: BudgetWindow, spent: Measure): Write {
  const unit = sql.lit(PICO_PER_UNIT);
  const added = {
    units: spent.pico / PICO_PER_UNIT,
    pico: spent.pico % PICO_PER_UNIT,
    tokens: BigInt(spent.tokens),
    requests: BigInt(spent.requests),
  };
  const statement = build
    .insertInto("budget_windows")
    .values({
      budget_id: budgetId,
      starts_at: BigInt(start),
      ends_at: optionalInteger(end),
      spent_units: added.units,
      spent_pico: added.pico,
      spent_tokens: added.tokens,
      spent_requests: added.requests,
      soft_told_at: null,
      hard_told_at: null,
    })
    .onConflict((conflict) =>
      conflict.columns(["budget_id", "starts_at"]).doUpdateSet({
        spent_units: sql<bigint>`budget_windows.spent_units + excluded.spent_units + (budget_windows.spent_pico + excluded.spent_pico) / ${unit}`,
        spent_pico: sql<bigint>`(budget_windows.spent_pico + excluded.spent_pico) % ${unit}`,
        spent_tokens: sql<bigint>`budget_windows.spent_tokens + excluded.spent_tokens`,
        spent_requests: sql<bigint>`budget_windows.spent_requests + excluded.spent_requests`,
      }),
    );
  return { statement, about: "budget_window" };
}

/** What was used of a window before a budget was made counts from now on. Conflicts: `missing` where it did already. */
export function armBudget(id: string, window: BudgetWindow, used: Measure, atMs: number): Write[] {
  const statement = build
    .updateTable("budgets")
    .set({ armed_at: BigInt(atMs) })
    .where("id", "=", id)
    .where("armed_at", "is", null);
  return [
    changed("budget", id, atMs),
    { statement, about: "budget", expectRows: 1 },
    addSpent(id, window, used),
  ];
}

/** Everything in flight holds in a budget that blocks since `rearmingAt`. Conflicts: `missing` where that is not so any more. */
export function rearmBudget(id: string, rearmingAt: number, atMs: number): Write[] {
  const statement = build
    .updateTable("budgets")
    .set({ rearming_at: null })
    .where("id", "=", id)
    .where("rearming_at", "=", BigInt(rearmingAt));
  return [changed("budget", id, atMs), { statement, about: "budget", expectRows: 1 }];
}

/** Notes that somebody was told how far a window is used up. Conflicts: `missing` where they were before. */
export function markTold(budgetId: string, start: number, what: "soft" | "hard", atMs: number): Write {
  const column = what === "soft" ? "soft_told_at" : "hard_told_at";
  const statement = build
    .updateTable("budget_windows")
    .set({ [column]: BigInt(atMs) })
    .where("budget_id", "=", budgetId)
    .where("starts_at", "=", BigInt(start))
    .where(column, "is", null);
  return { statement, about: "budget_window", expectRows: 1 };
}
