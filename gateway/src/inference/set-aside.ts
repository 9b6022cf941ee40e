import type { Budget, BudgetPart } from "../core/budget.ts";
import { ApiError } from "../errors.ts";
import { type HoldRefusal, type HoldVerdict, refusalOf } from "../escrow/escrow.ts";
import { type RequestMost, type Soon, wantsOf } from "../settlement/budgets/authority.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { budgetRefusal } from "./budget-refusal.ts";
import { isThrottling, throttle } from "./budget-throttle.ts";
import type { InferenceDeps } from "./deps.ts";
import { mostOf, promiseOf, type Promised, widestWindow } from "./promise.ts";
import type { Prepared } from "./stages/07-prepare.ts";

/** An answer that nobody has put a length to is cut to what can be paid for, but not below this. */
const OUTPUT_MIN = 256;
/** The bytes by which naming an output limit makes a body longer, at most. */
const LIMIT_BYTES = 64;

/** A request as it can be paid for. */
export interface Affordable extends Pick<Promised, "intent" | "tokens"> {
  readonly prepared: Prepared;
}

/**
 * Sets aside what a request can come to in every budget over it, or in none; at once where this process knows how they
 * stand and all of it fits. Rejects as `setAside` does.
 */
export function setAsideInAll(
  asked: Prepared,
  promised: Promised,
  over: readonly Budget[],
  deps: InferenceDeps,
): Soon<Affordable> {
  const verdict = over.some(isThrottling) ? undefined : ask(promised, over, deps);
  if (verdict === undefined || verdict instanceof Promise || verdict.parts === undefined) {
    return setAsideInTheEnd(asked, promised, over, verdict, deps);
  }
  return affordable(asked, promised, verdict.parts);
}

/**
 * Sets aside as `setAside` does, in every budget that is over the request once it is done: one that was made meanwhile
 * would wait for it in vain.
 */
async function setAsideInTheEnd(
  asked: Prepared,
  promised: Promised,
  known: readonly Budget[],
  begun: Soon<HoldVerdict> | undefined,
  deps: InferenceDeps,
): Promise<Affordable> {
  const { budgets } = deps;
  const { payer } = promised.intent;
  let over = known;
  for (let verdict = begun; ; verdict = undefined) {
    const affordable = await setAside(asked, promised, over, verdict, deps);
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
 * Sets aside what a request can come to in these budgets, or in none; `begun` is the verdict on that, where they have
 * been asked already. One that has said nothing of its length is shortened to what they can pay for. Throws ApiError BUDGET_EXCEEDED, BUDGET_RESERVED, RATE_LIMITED,
 * DEPENDENCY_UNAVAILABLE.
 */
async function setAside(
  asked: Prepared,
  promised: Promised,
  over: readonly Budget[],
  begun: Soon<HoldVerdict> | undefined,
  deps: InferenceDeps,
): Promise<Affordable> {
  try {
    if (begun === undefined) await throttle(asked, over, deps);
    const whole = await (begun ?? ask(promised, over, deps));
    if (whole.parts !== undefined) return affordable(asked, promised, whole.parts);
    const judge = (output: number, moreBytes = 0): HoldRefusal | undefined =>
      refusalOf(wantsOf(over, mostWith(asked, promised, output, moreBytes)), whole.standings);
    const wanted = promised.tokens.outputTokensMax;
    const longest = longestThat((output) => judge(output, LIMIT_BYTES) === undefined, wanted);
    if (asked.isOutputStated) throw budgetRefusal(whole.refusal, longest, deps);
    const least = Math.min(wanted, OUTPUT_MIN);
    if (longest < least) throw budgetRefusal(judge(least) ?? whole.refusal, longest, deps);
    const shorter = asked.withOutputLimit(longest);
    const lower = promiseOf(shorter, deps);
    const lowered = await ask(lower, over, deps);
    // Somebody else was faster.
    if (lowered.parts === undefined) throw budgetRefusal(lowered.refusal, 0, deps);
    asked.call.mark("output_limited", `a budget pays for ${longest} tokens of output`);
    return affordable(shorter, lower, lowered.parts);
  } catch (error) {
    throw refused(error, asked);
  }
}

function ask(
  { intent, most }: Promised,
  over: readonly Budget[],
  { budgets }: InferenceDeps,
): Soon<HoldVerdict> {
  return budgets.authority.hold(intent.requestId, over, most, intent.admittedAt);
}

function affordable(
  prepared: Prepared,
  { intent, tokens }: Promised,
  parts: readonly BudgetPart[],
): Affordable {
  intent.budgets = parts;
  return { prepared, tokens, intent };
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
