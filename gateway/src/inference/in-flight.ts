import type { Progress } from "../core/accounting.ts";
import type { OpenRequest } from "../settlement/budgets/arming.ts";
import type { AbortReason, Call } from "./call.ts";

/** Calls ended in one turn of the event loop: 50 µs each, and as much again several times over until they are settled. */
const ABORTED_AT_ONCE = 10;

/** The calls between their authentication and their end: a refusal or a settlement. */
export class InFlight {
  readonly #calls = new Map<string, Call>();
  readonly #idle: (() => void)[] = [];

  add(call: Call): void {
    this.#calls.set(call.requestId, call);
  }

  /** The call is over: it leaves, and gives back what it holds. */
  remove(call: Call): void {
    call.left();
    if (!this.#calls.delete(call.requestId)) return;
    if (this.#calls.size === 0) for (const wake of this.#idle.splice(0)) wake();
  }

  get size(): number {
    return this.#calls.size;
  }

  get streams(): number {
    let count = 0;
    for (const call of this.#calls.values()) if (call.stream) count++;
    return count;
  }

  /** What was promised for those that have passed the hold. */
  *openRequests(): Iterable<OpenRequest> {
    for (const { open } of this.#calls.values()) if (open !== undefined) yield open;
  }

  /** How far every stream that has sent content has come, and every answer that is read on, for the checkpoint. */
  progress(): Progress[] {
    const all: Progress[] = [];
    for (const call of this.#calls.values()) {
      const { isDraining } = call;
      const { backendId, outputPerKb, delivered, served } = call.progress;
      if (!isDraining && !(call.stream && delivered)) continue;
      all.push({
        requestId: call.requestId,
        backendId,
        outputTokens: call.outputTokens,
        outputPerKb,
        delivered: call.stream && delivered,
        ...(isDraining && { isDrained: true }),
        ...(served && { served }),
      });
    }
    return all;
  }

  /** Ends every call that matches. */
  abort(reason: AbortReason, matches: (call: Call) => boolean = () => true): number {
    let count = 0;
    for (const call of this.#calls.values()) {
      if (!matches(call)) continue;
      call.abort(reason);
      count++;
    }
    return count;
  }

  /**
   * The same in steps, so that other calls get their turns meanwhile: a suspended tenant may have thousands open, each
   * of which is settled and written to its caller.
   */
  abortInTurns(reason: AbortReason, matches: (call: Call) => boolean): void {
    const calls = [...this.#calls.values()].filter(matches);
    const step = (): void => {
      for (const call of calls.splice(0, ABORTED_AT_ONCE)) call.abort(reason);
      if (calls.length > 0) setImmediate(step);
    };
    step();
  }

  /** Resolves once nothing is in flight, or after `waitMs`; says which. */
  async drained(waitMs: number): Promise<boolean> {
    if (this.#calls.size === 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), waitMs);
    this.#idle.push(() => resolve(true));
    const drained = await promise;
    clearTimeout(timer);
    return drained;
  }
}
