import type { Backend } from "../core/catalogue.ts";
import { FaultError } from "../core/fault.ts";

/** Seconds a caller refused for concurrency is told to wait. */
const RETRY_AFTER_SECONDS = 1;

/** Counts the calls in flight per backend, and refuses those beyond a backend's own limit. */
export class ConcurrencyGate {
  readonly #inFlight = new Map<string, number>();

  /**
   * Takes a place and returns what gives it back (once; more often does nothing). Throws FaultError
   * `rate_limited` when the backend's `maxConcurrency` is reached: like a provider's own 429 it fails over and
   * says nothing about the backend's health. Nobody queues here; waiting is the caller's decision.
   */
  enter(backend: Backend): () => void {
    const count = this.inFlight(backend.id);
    if (backend.maxConcurrency !== undefined && count >= backend.maxConcurrency) {
      throw new FaultError({
        class: "rate_limited",
        reason: `backend ${backend.uri} has its ${backend.maxConcurrency} calls in flight`,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#inFlight.set(backend.id, count + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const rest = this.inFlight(backend.id) - 1;
      if (rest > 0) this.#inFlight.set(backend.id, rest);
      else this.#inFlight.delete(backend.id);
    };
  }

  /** Calls of this backend sent and not yet ended. */
  inFlight(backendId: string): number {
    return this.#inFlight.get(backendId) ?? 0;
  }

  /** Every backend with calls in flight, for metrics. */
  all(): ReadonlyMap<string, number> {
    return this.#inFlight;
  }
}
