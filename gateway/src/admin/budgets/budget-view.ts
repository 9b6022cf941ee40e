import { z } from "zod";
import { formatAmount } from "../../base/money.ts";
import {
  type Budget,
  BUDGET_PERIODS,
  BUDGET_SCOPES,
  BUDGET_SETTERS,
  HARD_ACTIONS,
  type Measure,
} from "../../core/budget.ts";
import type { Principal } from "../../core/principal.ts";
import type { WindowStanding } from "../../escrow/escrow.ts";
import { roomOf, stateOf } from "../../escrow/judge.ts";
import { forecastOf } from "../../pricing/forecast.ts";
import { managedBy, viewManaged } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, timestamp } from "../fields.ts";
import { given } from "../given.ts";
import { shareOf } from "./budget-fields.ts";
import { scopeName } from "./scope-name.ts";

const measure = z.strictObject({ cost: z.string(), tokens: z.int(), requests: z.int() });
const limited = measure.partial();

/** How a budget stands, for whoever is under it. */
export const standingFields = {
  id: z.string(),
  scope: z.enum(BUDGET_SCOPES),
  scope_id: z.string(),
  period: z.enum(BUDGET_PERIODS),
  hard_action: z.enum(HARD_ACTIONS),
  state: z
    .enum(["arming", "ok", "soft_limit", "hard_limit"])
    .describe("`arming`: it blocks already, while what was used before is still being counted."),
  spent: measure.describe("Settled in the running window."),
  reserved: measure.describe("Set aside for requests in flight."),
  remaining: limited.describe("Of each limit what is neither spent nor reserved."),
  resets_at: timestamp.optional().describe("The end of the running window; a total has none."),
};

/** A budget as those see it who may see its scope's accounts. */
export const budgetView = z
  .strictObject({
    ...standingFields,
    scope_name: z
      .string()
      .optional()
      .describe(
        "What `scope_id` is called, of a user the e-mail address. Told to its owner and to those who administer users there.",
      ),
    cost_limit: z.string().optional(),
    token_limit: z.int().optional(),
    request_limit: z.int().optional(),
    soft_limit_pct: z.number(),
    set_by: z.enum(BUDGET_SETTERS).describe("The level that made it: read-only to those below."),
    window_start: timestamp.optional(),
    forecast: measure
      .optional()
      .describe("What will have been spent at the end of the window if it goes on like this."),
    managed_by: managedBy,
    created_at: timestamp,
  })
  .meta({ id: "Budget" });

/** Fields of a budget's view that change without anybody changing the budget. */
export const MOVING_FIELDS = [
  "scope_name",
  "state",
  "spent",
  "reserved",
  "remaining",
  "resets_at",
  "window_start",
  "forecast",
] as const;

function viewMeasure({ pico, tokens, requests }: Measure): z.infer<typeof measure> {
  return { cost: formatAmount(pico), tokens, requests };
}

function viewLimited({ pico, tokens, requests }: Partial<Measure>): z.infer<typeof limited> {
  return {
    ...(pico !== undefined && { cost: formatAmount(pico) }),
    ...(tokens !== undefined && { tokens }),
    ...(requests !== undefined && { requests }),
  };
}

/** Tells how a budget stands. */
export function viewStanding(budget: Budget, standing: WindowStanding) {
  const { window, spent, held } = standing;
  return {
    id: budget.id,
    scope: budget.scope,
    scope_id: budget.scopeId,
    period: budget.period,
    hard_action: budget.hardAction,
    state: stateOf(budget, spent),
    spent: viewMeasure(spent),
    reserved: viewMeasure(held),
    remaining: viewLimited(roomOf(budget.limits, standing)),
    ...(window.end !== undefined && { resets_at: isoTime(window.end) }),
  };
}

/** Tells budgets to somebody who may see them. Rejects with StoreUnavailable. */
export async function viewBudgets(
  budgets: readonly Budget[],
  principal: Principal,
  deps: Pick<AdminDeps, "budgets" | "clock" | "snapshot">,
): Promise<z.infer<typeof budgetView>[]> {
  const standings = await deps.budgets.standings(budgets);
  return budgets.flatMap((budget) => {
    const standing = standings.get(budget.id);
    return standing === undefined ? [] : [viewOne(budget, standing, principal, deps)];
  });
}

/** Tells one. Rejects with StoreUnavailable. */
export async function viewBudget(
  budget: Budget,
  principal: Principal,
  deps: Pick<AdminDeps, "budgets" | "clock" | "snapshot">,
): Promise<z.infer<typeof budgetView>> {
  const [view] = await viewBudgets([budget], principal, deps);
  if (view === undefined) throw new Error(`the budget ${budget.id} has no standing`);
  return view;
}

function viewOne(
  budget: Budget,
  standing: WindowStanding,
  principal: Principal,
  { clock, snapshot }: Pick<AdminDeps, "clock" | "snapshot">,
): z.infer<typeof budgetView> {
  const { window, spent } = standing;
  const { pico, tokens, requests } = budget.limits;
  const forecast = forecastOf(window, spent, clock.now());
  return {
    ...viewStanding(budget, standing),
    ...given({ scope_name: scopeName(budget, principal, snapshot) }),
    ...(pico !== undefined && { cost_limit: formatAmount(pico) }),
    ...(tokens !== undefined && { token_limit: tokens }),
    ...(requests !== undefined && { request_limit: requests }),
    soft_limit_pct: shareOf(budget.softLimit),
    set_by: budget.setBy,
    ...(budget.period !== "total" && { window_start: isoTime(window.start) }),
    ...(forecast && { forecast: viewMeasure(forecast) }),
    ...viewManaged(budget),
    created_at: isoTime(budget.createdAt),
  };
}
