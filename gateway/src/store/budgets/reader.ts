import { type Selectable, sql, type SqlBool } from "kysely";
import { joinAmount, parseAmount } from "../../base/money.ts";
import type { Budget, BudgetLimits, BudgetWindow, Measure } from "../../core/budget.ts";
import type { Scope } from "../../core/scope.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { optionalNumber, present } from "../rows.ts";
import { OWN_COLUMNS, scoped } from "../scope.ts";
import type { Reader } from "../store.ts";
import { joinSum, SUM_SPLIT } from "../usage/record.ts";
import type { BudgetsTable, BudgetWindowsTable } from "./tables.ts";

const ANYWHERE: Scope = { level: "platform" };

function limitsOf(row: BudgetsTable): BudgetLimits {
  return present({
    pico: row.cost_limit === null ? null : parseAmount(row.cost_limit),
    tokens: optionalNumber(row.token_limit),
    requests: optionalNumber(row.request_limit),
  });
}

function toBudget(row: BudgetsTable): Budget {
  return {
    id: row.id,
    scope: row.scope,
    scopeId: row.scope_id,
    partnerId: row.partner_id,
    ...present({ tenantId: row.tenant_id, userId: row.user_id, armedAt: optionalNumber(row.armed_at) }),
    ...present({ rearmingAt: optionalNumber(row.rearming_at), declaredAs: row.declared_as }),
    period: row.period,
    limits: limitsOf(row),
    softLimit: Number(row.soft_limit),
    hardAction: row.hard_action,
    setBy: row.set_by,
    createdAt: Number(row.created_at),
  };
}

export async function loadBudgets(read: Reader): Promise<Budget[]> {
  const query = read.selectFrom("budgets").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toBudget);
}

/** One budget, if it is within the scope. */
export async function findBudget(
  read: Reader,
  id: string,
  scope: Scope = ANYWHERE,
): Promise<Budget | undefined> {
  const query = read.selectFrom("budgets").selectAll().where("id", "=", id);
  const row = await query.where(scoped(scope, OWN_COLUMNS)).executeTakeFirst();
  return row && toBudget(row);
}

/** Which budgets, and where in the list. */
export interface BudgetsPage {
  readonly scope?: Budget["scope"];
  readonly scopeId?: string;
  readonly tenantId?: string;
  readonly beforeId?: string;
  readonly limit: number;
}

/** The budgets within a scope, newest first. */
export async function listBudgets(read: Reader, scope: Scope, page: BudgetsPage): Promise<Budget[]> {
  let query = read.selectFrom("budgets").selectAll().where(scoped(scope, OWN_COLUMNS));
  if (page.scope !== undefined) query = query.where("scope", "=", page.scope);
  if (page.scopeId !== undefined) query = query.where("scope_id", "=", page.scopeId);
  if (page.tenantId !== undefined) query = query.where("tenant_id", "=", page.tenantId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.orderBy("id", "desc").limit(page.limit).execute()).map(toBudget);
}

/** What was spent in one window of one budget. */
export interface SpentWindow {
  readonly budgetId: string;
  readonly window: BudgetWindow;
  readonly spent: Measure;
}

function toWindow(row: Selectable<BudgetWindowsTable>): SpentWindow {
  return {
    budgetId: row.budget_id,
    window: { start: Number(row.starts_at), ...present({ end: optionalNumber(row.ends_at) }) },
    spent: {
      pico: joinAmount({ units: row.spent_units, pico: row.spent_pico }),
      tokens: Number(row.spent_tokens),
      requests: Number(row.spent_requests),
    },
  };
}

/** The last window of each budget that anything was spent in. */
export async function lastWindows(read: Reader): Promise<SpentWindow[]> {
  const found: SpentWindow[] = [];
  for (let after = ""; ; after = found.at(-1)?.budgetId ?? "") {
    const rows = await read
      .selectFrom("budget_windows as w")
      .selectAll()
      .where("w.budget_id", ">", after)
      .where(
        sql<SqlBool>`w.starts_at = (select max(l.starts_at) from budget_windows as l where l.budget_id = w.budget_id)`,
      )
      .orderBy("w.budget_id")
      .limit(PAGE_ROWS)
      .execute();
    found.push(...rows.map(toWindow));
    if (rows.length < PAGE_ROWS) return found;
  }
}

const OWNER_COLUMNS = { partner: "partner_id", tenant: "tenant_id", user: "user_id" } as const;

/** The usage a budget is over: for a group that of its members, for a key that of those in its place as well. */
function usedBy({ scope, scopeId }: Budget) {
  switch (scope) {
    case "partner":
    case "tenant":
    case "user":
      return sql<SqlBool>`${sql.ref(OWNER_COLUMNS[scope])} = ${scopeId}`;
    case "group":
      return sql<SqlBool>`user_id in (select m.user_id from group_members as m where m.group_id = ${scopeId})`;
    case "api_key":
      return sql<SqlBool>`api_key_id in (with recursive line(id) as (select cast(${scopeId} as text) union select k.id from api_keys as k join line on k.replaces = line.id) select id from line)`;
  }
}

/** What the scope of a budget has used of a window by requests that do not name the budget. */
export async function usedBefore(
  read: Reader,
  budget: Budget,
  { start, end }: BudgetWindow,
): Promise<Measure> {
  const price = sql.ref(budget.scope === "partner" ? "partner_pico" : "tenant_pico");
  const split = sql.lit(SUM_SPLIT);
  const sum = (value: ReturnType<typeof sql>) => sql<bigint>`cast(coalesce(sum(${value}), 0) as bigint)`;
  const mark = `"${budget.id}"`;
  const row = await read
    .selectFrom("usage")
    .select([
      sum(sql`${price} / ${split}`).as("high"),
      sum(sql`${price} % ${split}`).as("low"),
      sum(sql`tokens_in + tokens_out`).as("tokens"),
      sum(sql`delivered`).as("requests"),
    ])
    .where("created_at", ">=", BigInt(start))
    .where(end === undefined ? sql<SqlBool>`1 = 1` : sql<SqlBool>`created_at < ${BigInt(end)}`)
    .where(usedBy(budget))
    .where(sql<SqlBool>`(budgets is null or replace(budgets, ${mark}, '') = budgets)`)
    .executeTakeFirst();
  if (row === undefined) throw new Error("a sum without a group is one row");
  return {
    pico: joinSum(row.high, row.low),
    tokens: Number(row.tokens),
    requests: Number(row.requests),
  };
}
