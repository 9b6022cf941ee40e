import { RollingWindow } from "../base/rolling-window.ts";

/** Failures one after the other that open a circuit. */
export const FAILURES_IN_A_ROW = 5;
/** Or more than this share of the calls of `WINDOW_SECONDS`, if there were at least `CALLS_MIN`. */
export const FAILED_SHARE = 0.5;
export const CALLS_MIN = 20;
const WINDOW_SECONDS = 30;
/** Milliseconds an open circuit rests before its first probe, and before each further one. */
export const FIRST_REST_MS = 10_000;
export const REST_MS = 20_000;
/** Share by which a rest is shorter or longer, so that nodes do not come back in step. */
const JITTER = 0.1;
/** Of a probe nothing was heard of for so long: another one may go. */
const PROBE_LOST_MS = 120_000;

export const CIRCUIT_STATES = ["closed", "half_open", "open"] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/**
 * What a call is given on its way and shows when it ends. A circuit that has changed meanwhile takes no word of it:
 * the failures of calls that were under way when it opened do not open it again.
 */
export type Pass = number;

/**
 * The circuit breaker of one backend on one node. Reads no clock and draws no number: callers give the monotonic time
 * and a number in [0, 1). A closed circuit that is asked whether it admits takes 2 ns.
 */
export class Circuit {
  #open = false;
  #row = 0;
  /** Rises with each change of state and each probe. */
  #epoch = 0;
  #restEndsMs = 0;
  #restMs = FIRST_REST_MS;
  #probeSinceMs: number | undefined;
  #calls: RollingWindow | undefined;
  #failures: RollingWindow | undefined;

  /** `half_open` once an open circuit has rested: one call may probe. */
  stateAt(nowMs: number): CircuitState {
    if (!this.#open) return "closed";
    return nowMs < this.#restEndsMs ? "open" : "half_open";
  }

  /** Whether a call may go: the circuit is closed, or has rested and no probe is under way. */
  admits(nowMs: number): boolean {
    return !this.#open || (nowMs >= this.#restEndsMs && !this.isProbed(nowMs));
  }

  /** Whether a probe is under way. */
  isProbed(nowMs: number): boolean {
    return this.#probeSinceMs !== undefined && nowMs - this.#probeSinceMs < PROBE_LOST_MS;
  }

  /** Milliseconds until an open circuit has rested; 0 when it has, or is closed. */
  restMsAt(nowMs: number): number {
    return this.#open ? Math.max(0, this.#restEndsMs - nowMs) : 0;
  }

  /** A call goes. While the circuit is not closed it is a probe: the caller asks `admits` first, or has another reason. */
  enter(nowMs: number): Pass {
    if (!this.#open) return this.#epoch;
    this.#probeSinceMs = nowMs;
    return ++this.#epoch;
  }

  /** The backend has begun to answer: a probe need not wait for the end of a long stream to close the circuit. */
  began(pass: Pass): void {
    if (pass === this.#epoch && this.#probeSinceMs !== undefined) this.close();
  }

  /** The answer is whole. */
  succeeded(pass: Pass, nowMs: number): void {
    this.began(pass);
    if (this.#open) return;
    this.#row = 0;
    this.#counted(nowMs).add(nowMs, 1);
  }

  /** The call has failed in a way that speaks against the backend. */
  failed(pass: Pass, nowMs: number, random: number): void {
    if (pass !== this.#epoch) return;
    if (this.#open) return this.#rest(nowMs, random, REST_MS);
    this.#row++;
    const calls = this.#counted(nowMs);
    const failures = (this.#failures ??= new RollingWindow(nowMs, WINDOW_SECONDS));
    calls.add(nowMs, 1);
    failures.add(nowMs, 1);
    const called = calls.countAt(nowMs);
    const isBad = called >= CALLS_MIN && failures.countAt(nowMs) > called * FAILED_SHARE;
    if (isBad || this.#row >= FAILURES_IN_A_ROW) this.#rest(nowMs, random, FIRST_REST_MS);
  }

  /** The backend takes no more calls just now (429): neither good nor bad, but its next probe waits as long again. */
  limited(pass: Pass, nowMs: number, random: number): void {
    if (pass === this.#epoch && this.#open) this.#rest(nowMs, random, this.#restMs);
  }

  /** The call has ended in a way that says nothing of the backend: the next one may probe. */
  spared(pass: Pass): void {
    if (pass === this.#epoch && this.#open) this.#probeSinceMs = undefined;
  }

  /** The backend is known to be well: a probe, or an operator, says so. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#epoch++;
    this.#row = 0;
    this.#probeSinceMs = undefined;
    this.#calls = undefined;
    this.#failures = undefined;
  }

  #counted(nowMs: number): RollingWindow {
    return (this.#calls ??= new RollingWindow(nowMs, WINDOW_SECONDS));
  }

  #rest(nowMs: number, random: number, restMs: number): void {
    this.#open = true;
    this.#epoch++;
    this.#probeSinceMs = undefined;
    this.#restMs = restMs;
    this.#restEndsMs = nowMs + restMs * (1 - JITTER + 2 * JITTER * random);
  }
}
