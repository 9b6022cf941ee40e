import { formatAmount } from "../base/money.ts";
import type { Measure, MeasureName } from "../core/budget.ts";
import { ApiError, type ErrorDetail } from "../errors.ts";
import type { HoldRefusal } from "../escrow/escrow.ts";
import { roomOf } from "../escrow/judge.ts";
import { NOTHING, plus } from "../escrow/measure.ts";
import type { InferenceDeps } from "./deps.ts";

const NAMES: Readonly<Record<MeasureName, string>> = {
  pico: "cost",
  tokens: "tokens",
  requests: "requests",
};
const SCOPES = {
  partner: "partner",
  tenant: "tenant",
  group: "group",
  user: "user",
  api_key: "key",
} as const;
const RETRY_SECONDS_MAX = 5;

/** Tells why a budget does not pay for a request. `affordable`: output tokens that it would pay for; 0 = none. */
export function budgetRefusal(
  refusal: HoldRefusal,
  affordable: number,
  { random }: Pick<InferenceDeps, "random">,
): ApiError {
  const { fit, budget } = refusal;
  const details = detailsOf(refusal, affordable);
  const whose = `The ${budget.period} budget of this ${SCOPES[budget.scope]}`;
  if (fit === "reserved") {
    return new ApiError("BUDGET_RESERVED", `${whose} is held by requests in flight.`, {
      details,
      // Those who wait for the same budget should not all come back at once.
      retryAfterSeconds: 1 + Math.floor(random() * RETRY_SECONDS_MAX),
    });
  }
  return new ApiError("BUDGET_EXCEEDED", `${whose} cannot pay for this request.`, {
    details,
    hint: hintOfAway(refusal.standing) ?? hintOf(refusal, affordable),
    headers: { "x-should-retry": "false" },
  });
}

/** Where more would be left, were it not for nodes that nobody hears of: who has to do something about it. */
function hintOfAway({ away }: HoldRefusal["standing"]): string | undefined {
  if (away === undefined || away.nodeIds.length === 0) return undefined;
  const [first = ""] = away.nodeIds;
  return (
    `Part of it is held by ${away.nodeIds.join(", ")}, which nobody hears of any more. ` +
    `An operator brings that node back, or gives it up: \`scaigrid nodes retire ${first}\`, then \`forgive\`.`
  );
}

function hintOf({ budget, limit, need }: HoldRefusal, affordable: number): string {
  if (affordable > 0) return `Ask for a larger budget, or lower \`max_tokens\` to ${affordable}.`;
  const whole = budget.limits[limit];
  return whole !== undefined && need[limit] > whole
    ? "The most this request can come to is more than the whole budget: ask for a larger one, or send a shorter prompt."
    : "Ask for a larger budget, or wait until it begins anew.";
}

function detailsOf({ budget, limit, need, standing }: HoldRefusal, affordable: number): ErrorDetail[] {
  const details: ErrorDetail[] = [
    { field: "budget_id", message: budget.id },
    { field: "scope", message: budget.scope },
    { field: "measure", message: NAMES[limit] },
  ];
  // What a partner pays is hidden from those below it.
  if (budget.scope !== "partner") {
    const room = roomOf(budget.limits, standing);
    details.push(
      { field: "limit", message: told(budget.limits, limit) },
      { field: "spent", message: told(standing.spent, limit) },
      { field: "reserved", message: told(plus(standing.held, standing.away ?? NOTHING), limit) },
      { field: "required", message: told(need, limit) },
      { field: "remaining", message: told(room, limit) },
    );
  }
  if (affordable > 0) details.push({ field: "affordable_max_tokens", message: String(affordable) });
  const { end } = standing.window;
  if (end !== undefined) details.push({ field: "resets_at", message: new Date(end).toISOString() });
  return details;
}

function told(measures: Partial<Measure>, name: MeasureName): string {
  const value = measures[name];
  return typeof value === "bigint" ? formatAmount(value) : String(value ?? 0);
}
