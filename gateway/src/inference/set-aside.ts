import type { Budget } from "../core/budget.ts";
import { ApiError } from "../errors.ts";
import { type HoldRefusal, type HoldVerdict, refusalOf } from "../escrow/escrow.ts";
import { type RequestMost, wantsOf } from "../settlement/budgets/authority.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { budgetRefusal } from "./budget-refusal.ts";
import { throttle } from "./budget-throttle.ts";
import type { InferenceDeps } from "./deps.ts";
import { mostOf, promiseOf, type Promised, widestWindow } from "./promise.ts";
import type { Prepared } from "./stages/07-prepare.ts";

/** An answer that nobody has put a length to is cut to what can be paid for, but not below this. */
const OUTPUT_MIN = 256;
/** The bytes by which naming an output limit makes a body longer, at most. */
const LIMIT_BYTES = 64;

/** A request as it can be paid for. */
export interface Affordable extends Promised {
  readonly prepared: Prepared;
}

/** What was set aside, or how the budgets stand that have refused. */
type Attempt =
  | { readonly affordable: Affordable; readonly verdict?: never }
  | { readonly verdict: Extract<HoldVerdict, { refusal: HoldRefusal }>; readonly affordable?: never };

/**
 * Sets aside as `setAside` does, in every budget that is over the request once it is done: one that was made meanwhile
 * would wait for it in vain.
 */
export async function setAsideInAll(
  asked: Prepared,
  promised: Promised,
  deps: InferenceDeps,
): Promise<Affordable> {
  const { budgets } = deps;
  const { payer } = promised.intent;
  let over = budgets.over(payer);
  for (;;) {
    const affordable = await setAside(asked, promised, over, deps);
    const named = over;
    over = budgets.over(payer);
    if (over.every(({ id }) => named.some((budget) => budget.id === id))) return affordable;
    try {
      // The next hold goes by the same name: what is given back later would be that one.
      await budgets.authority.release(affordable.intent);
    } catch (error) {
      throw refused(error, asked);
    }
  }
}

/** What a request is told that nothing can be set aside for. */
function refused(error: unknown, { call }: Prepared): unknown {
  call.countTokens?.(0);
  return error instanceof StoreUnavailable
    ? new ApiError("DEPENDENCY_UNAVAILABLE", undefined, { retryAfterSeconds: 1 })
    : error;
}

/**
 * Sets aside what a request can come to in every budget over it, or in none. One that has said nothing of its length
 * is shortened to what they can pay for. Throws ApiError BUDGET_EXCEEDED, BUDGET_RESERVED, RATE_LIMITED,
 * DEPENDENCY_UNAVAILABLE.
 */
async function setAside(
  asked: Prepared,
  promised: Promised,
  over: readonly Budget[],
  deps: InferenceDeps,
): Promise<Affordable> {
  try {
    await throttle(asked, over, deps);
    const whole = await attempt(asked, promised, over, deps);
    if (whole.affordable !== undefined) return whole.affordable;
    const judge = (output: number, moreBytes = 0): HoldRefusal | undefined =>
      refusalOf(wantsOf(over, mostWith(asked, promised, output, moreBytes)), whole.verdict.standings);
    const wanted = promised.tokens.outputTokensMax;
    const longest = longestThat((output) => judge(output, LIMIT_BYTES) === undefined, wanted);
    if (asked.isOutputStated) throw budgetRefusal(whole.verdict.refusal, longest, deps);
    const least = Math.min(wanted, OUTPUT_MIN);
    if (longest < least) throw budgetRefusal(judge(least) ?? whole.verdict.refusal, longest, deps);
    const shorter = asked.withOutputLimit(longest);
    const lowered = await attempt(shorter, promiseOf(shorter, deps), over, deps);
    // Somebody else was faster.
    if (lowered.affordable === undefined) throw budgetRefusal(lowered.verdict.refusal, 0, deps);
    asked.call.mark("output_limited", `a budget pays for ${longest} tokens of output`);
    return lowered.affordable;
  } catch (error) {
    throw refused(error, asked);
  }
}

async function attempt(
  prepared: Prepared,
  promised: Promised,
  over: readonly Budget[],
  { budgets }: InferenceDeps,
): Promise<Attempt> {
  const { intent, tokens } = promised;
  const most = mostOf(tokens, prepared);
  const verdict = await budgets.authority.hold(intent.requestId, over, most, intent.admittedAt);
  if (verdict.parts === undefined) return { verdict };
  return { affordable: { ...promised, prepared, intent: { ...intent, budgets: verdict.parts } } };
}

/** The longest output (tokens, for each choice) that fits, where a shorter one always does as well; 0 = none. */
function longestThat(fits: (output: number) => boolean, most: number): number {
  if (fits(most)) return most;
  let [low, high] = [0, most];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function mostWith(
  prepared: Prepared,
  { tokens }: Promised,
  outputTokensMax: number,
  moreBytes: number,
): RequestMost {
  const inputTokensMax = Math.min(tokens.inputTokensMax + moreBytes, widestWindow(prepared));
  return mostOf({ ...tokens, inputTokensMax, outputTokensMax }, prepared);
}
