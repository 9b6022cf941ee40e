import type { RoutingPolicy } from "../core/catalogue.ts";
import type { Fault, FaultClass } from "../core/fault.ts";

/** Where a request stands after an attempt that failed. */
export interface AttemptState {
  readonly fault: Fault;
  /** Attempts made, this one included, over all backends. */
  readonly attempts: number;
  /** Attempts made on this backend, this one included. */
  readonly attemptsOnBackend: number;
  /** Backends in line that have not been tried. */
  readonly candidatesLeft: number;
  /** Whether content has gone down to the caller: then nothing starts over. */
  readonly delivered: boolean;
  readonly retry: RoutingPolicy["retry"];
  /** A random number in [0, 1), drawn by the caller, so that nodes do not come back in step. */
  readonly random: number;
}

/** What to do next. `reason` is for the trace. */
export type Verdict =
  | { readonly next: "same_backend"; readonly waitMs: number; readonly reason: string }
  | { readonly next: "next_candidate"; readonly reason: string }
  | { readonly next: "stop"; readonly reason: string };

/** Milliseconds: the longest backoff before the second attempt on a backend; full jitter takes 0 up to it. */
export const BACKOFF_MAX_MS = 400;
/** Milliseconds: a Retry-After up to this is waited for when there is nowhere else to go. */
export const RETRY_AFTER_WAIT_MAX_MS = 2_000;
/** However generous the policy, a backend is asked again at most this often by one request. */
const SAME_BACKEND_MAX = 1;

/**
 * - `never`: the request is at fault (or needs another model), so no backend of this model helps
 * - `elsewhere`: another backend may do it, the same one will not
 * - `again`: a passing fault: the same backend first, once
 * - `after_wait`: elsewhere, or on the same one once it has had the rest it asked for
 */
const RULES: Readonly<Record<FaultClass, "never" | "elsewhere" | "again" | "after_wait">> = {
  bad_request: "never",
  content_filter: "never",
  context_length: "never",
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
  const { fault } = state;
  const rule = RULES[fault.class];
  if (state.delivered) return stop("content has been sent");
  if (fault.simulated) return stop("simulated faults are not retried");
  if (rule === "never") return stop(`${fault.class} is not retried`);
  if (state.attempts >= state.retry.attempts)
    return stop(`the policy allows ${state.retry.attempts} attempts`);
  const askAgain = state.attemptsOnBackend <= Math.min(state.retry.same_backend, SAME_BACKEND_MAX);
  if (rule === "again" && askAgain) {
    const waitMs = Math.floor(state.random * BACKOFF_MAX_MS);
    return { next: "same_backend", waitMs, reason: `${fault.class} may pass` };
  }
  if (state.candidatesLeft > 0)
    return { next: "next_candidate", reason: `failing over after ${fault.class}` };
  const restMs = (fault.retryAfterSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  if (rule === "after_wait" && askAgain && restMs <= RETRY_AFTER_WAIT_MAX_MS) {
    return { next: "same_backend", waitMs: restMs, reason: `the backend asked for ${restMs} ms` };
  }
  return stop("no backend is left to try");
}

function stop(reason: string): Verdict {
  return { next: "stop", reason };
}
