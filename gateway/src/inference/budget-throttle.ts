import type { Budget, BudgetScope } from "../core/budget.ts";
import { ApiError } from "../errors.ts";
import type { WindowStanding } from "../escrow/escrow.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { shareUsed } from "../escrow/judge.ts";
import { plus } from "../escrow/measure.ts";
import { DEFAULT_LIMITS, effectiveLimit, type LevelLimits, ownLimits } from "../limits/defaults.ts";
import type { InferenceDeps } from "./deps.ts";
import type { Prepared } from "./stages/07-prepare.ts";

const LEVELS = ["key", "user", "tenant", "partner"] as const satisfies readonly (keyof LevelLimits)[];
/** The narrowest level whose limits are those of a scope. */
const LEVEL_OF: Readonly<Record<BudgetScope, keyof LevelLimits>> = {
  api_key: "key",
  user: "user",
  group: "tenant",
  tenant: "tenant",
  partner: "partner",
};

/**
 * Slows a scope down whose budget is nearly used up and says so: from the soft limit on its tightest rate limit shrinks
 * in step with what is left, to one request per minute. Throws ApiError RATE_LIMITED.
 */
export async function throttle(
  prepared: Prepared,
  over: readonly Budget[],
  deps: InferenceDeps,
): Promise<void> {
  const throttling = over.filter(isThrottling);
  if (throttling.length === 0) return;
  const standings = await standingsOf(throttling, deps);
  for (const [place, budget] of throttling.entries()) {
    const standing = standings[place];
    if (standing === undefined) continue;
    const used = shareUsed(budget.limits, plus(standing.spent, standing.held));
    const soft = budget.softLimit / 10_000;
    if (used < soft) continue;
    const left = soft < 1 ? Math.max(0, 1 - used) / (1 - soft) : 0;
    const limit = Math.max(1, Math.floor(tightest(prepared, budget, deps) * left));
    const level = LEVEL_OF[budget.scope];
    const scope = { level, scopeId: budget.id, limit };
    const verdict = deps.limiter.admit([scope], deps.clock.monotonic(), deps.clock.now());
    if (verdict.refused === undefined) continue;
    deps.metrics.rateLimited(level, "requests");
    throw new ApiError("RATE_LIMITED", undefined, {
      retryAfterSeconds: verdict.retryAfterSeconds,
      hint: `The ${budget.period} budget of this ${level} is nearly used up: until it is renewed, ${limit} requests per minute.`,
    });
  }
}

/** Whether a budget slows its scope down. */
export function isThrottling({ hardAction }: Budget): boolean {
  return hardAction === "throttle";
}

function tightest(
  { principal }: Prepared,
  { scope }: Budget,
  { config }: Pick<InferenceDeps, "config">,
): number {
  const own = ownLimits(principal);
  const limits = LEVELS.slice(LEVELS.indexOf(LEVEL_OF[scope]))
    .map((level) => effectiveLimit(level, own[level], "requests_per_minute", config.rateLimits))
    .filter((limit) => limit > 0);
  return limits.length > 0 ? Math.min(...limits) : DEFAULT_LIMITS.partner;
}

/** None while the store cannot be reached: a throttle does not block. */
async function standingsOf(
  budgets: readonly Budget[],
  deps: InferenceDeps,
): Promise<readonly WindowStanding[]> {
  try {
    return await deps.budgets.authority.standings(budgets);
  } catch (error) {
    if (error instanceof StoreUnavailable) return [];
    throw error;
  }
}
