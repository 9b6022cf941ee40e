import type { RoutingPolicy } from "../core/catalogue.ts";
import { type Fault, type FaultClass, isUnknownThere } from "../core/fault.ts";

/** What stands next in line: a backend that is well, one that would be probed, or nothing. */
export type NextInLine = "well" | "probe" | "nothing";

/** Where a request stands after an attempt that failed. */
export interface AttemptState {
  readonly fault: Fault;
  /** Attempts made, this one included, over all backends. */
  readonly attempts: number;
  /** Attempts made on this backend, this one included. */
  readonly attemptsOnBackend: number;
  /** Whether this backend's circuit lets the request through once more. */
  readonly maySameBackend: boolean;
  readonly next: NextInLine;
  /** How often this request has gone to another backend. */
  readonly failovers: number;
  /** Whether the model's retry budget has room for an attempt that counts. */
  readonly hasBudget: boolean;
  readonly policy: Pick<RoutingPolicy, "retry" | "failoverOn">;
  /** A random number in [0, 1), drawn by the caller, so that nodes do not come back in step. */
  readonly random: number;
}

/** What to do next. `counted` attempts are taken off the retry budget. `reason` is for the trace. */
export type Verdict =
  | {
      readonly next: "same_backend";
      readonly waitMs: number;
      readonly counted: boolean;
      readonly reason: string;
    }
  | { readonly next: "next_candidate"; readonly counted: boolean; readonly reason: string }
  | { readonly next: "stop"; readonly reason: string };

/** Milliseconds: the longest backoff before the second attempt on a backend; full jitter takes 0 up to it. */
export const BACKOFF_MAX_MS = 400;
/** Milliseconds: a Retry-After up to this is waited for when there is nowhere else to go. */
export const RETRY_AFTER_WAIT_MAX_MS = 2_000;
/** However generous the policy, a backend is asked again at most this often by one request. */
const SAME_BACKEND_MAX = 1;

/**
 * - `never`: the request is at fault, so no backend helps
 * - `elsewhere`: another backend (of a prompt that is too long: one with a larger window) may do it, the same one will not
 * - `again`: a passing fault: the same backend first, once
 * - `after_wait`: elsewhere, or on the same one once it has had the rest it asked for
 */
const RULES: Readonly<Record<FaultClass, "never" | "elsewhere" | "again" | "after_wait">> = {
  bad_request: "never",
  content_filter: "never",
  context_length: "elsewhere",
  timeout: "elsewhere",
  auth: "elsewhere",
  shape: "elsewhere",
  network: "again",
  server_error: "again",
  rate_limited: "after_wait",
  unavailable: "after_wait",
};

/** Decides what follows a failed attempt. Pure: the caller waits, draws the random number and keeps count. */
export function verdictAfter(state: AttemptState): Verdict {
  const { fault, policy, hasBudget } = state;
  const rule = isUnknownThere(fault) ? "elsewhere" : RULES[fault.class];
  if (fault.simulated) return stop("simulated faults are not retried");
  if (rule === "never") return stop(`${fault.class} is not retried`);
  if (state.attempts >= policy.retry.attempts)
    return stop(`the policy allows ${policy.retry.attempts} attempts`);
  const isFirstTime = state.attemptsOnBackend <= Math.min(policy.retry.same_backend, SAME_BACKEND_MAX);
  const mayAskAgain = isFirstTime && state.maySameBackend && hasBudget;
  if (rule === "again" && mayAskAgain) {
    const waitMs = Math.floor(state.random * BACKOFF_MAX_MS);
    return { next: "same_backend", waitMs, counted: true, reason: `${fault.class} may pass` };
  }
  const elsewhere = failover(state);
  if (elsewhere.next !== "stop") return elsewhere;
  const restMs = (fault.retryAfterSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  if (rule === "after_wait" && mayAskAgain && restMs <= RETRY_AFTER_WAIT_MAX_MS) {
    const reason = `the backend asked for ${restMs} ms`;
    return { next: "same_backend", waitMs: restMs, counted: true, reason };
  }
  return elsewhere;
}

/** Whether another backend is asked; the first one that is well is always asked, whatever the budget. */
export function failover(
  state: Pick<AttemptState, "fault" | "next" | "failovers" | "hasBudget" | "policy">,
): Verdict {
  const { fault, next, policy } = state;
  if (next === "nothing") return stop("no backend is left to try");
  // To a policy a backend without the model is one that is not there.
  const kind = isUnknownThere(fault) ? "unavailable" : fault.class;
  if (!policy.failoverOn.some((each) => each === kind)) {
    return stop(`the policy does not fail over on ${kind}`);
  }
  const counted = state.failovers > 0 || next === "probe";
  if (counted && !state.hasBudget) return stop("the retry budget of the model is used up");
  return { next: "next_candidate", counted, reason: `failing over after ${fault.class}` };
}

function stop(reason: string): Verdict {
  return { next: "stop", reason };
}
