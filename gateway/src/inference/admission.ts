import type { Clock } from "../base/clock.ts";
import { ApiError } from "../errors.ts";
import type { Concurrency } from "../limits/concurrency.ts";
import type { LimitedScope } from "../limits/limiter.ts";
import { Places } from "../limits/places.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Call } from "./call.ts";

/** Seconds a caller is told to wait when the queue was no help. */
const RETRY_AFTER_SECONDS = 1;

export interface AdmissionBounds {
  /** Inference requests in flight at once. */
  readonly inFlightMax: number;
  /** Requests that wait for a place at once. */
  readonly queueMax: number;
  readonly queueMs: number;
}

export interface AdmissionDeps {
  readonly bounds: AdmissionBounds;
  readonly clock: Pick<Clock, "monotonic">;
  readonly concurrency: Concurrency;
  readonly metrics: Pick<Metrics, "loadShed" | "rateLimited" | "queueLeft">;
}

/** Lets so many calls be in flight at once, makes some wait, and turns away the rest. */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #places: Places<() => void>;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    const { inFlightMax, queueMax, queueMs } = deps.bounds;
    this.#places = new Places({ placesMax: inFlightMax, waitingMax: queueMs === 0 ? 0 : queueMax });
  }

  /** Calls that have a place. */
  get inFlight(): number {
    return this.#places.taken;
  }

  /** Calls that wait for one. */
  get waiting(): number {
    return this.#places.waiting;
  }

  /**
   * Counts a call in the scopes that limit concurrency, until it leaves. Throws ApiError RATE_LIMITED where one of
   * them is full; nothing is counted then.
   */
  enter(call: Call, scopes: readonly LimitedScope[]): void {
    if (scopes.length === 0) return;
    const { concurrency, metrics } = this.#deps;
    const full = concurrency.enter(scopes);
    if (full) {
      metrics.rateLimited(full.level, "concurrency");
      throw new ApiError("RATE_LIMITED", "Too many requests are in flight.", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        hint: `The limit of this ${full.level} is ${full.limit} concurrent requests.`,
      });
    }
    call.whenLeft(() => concurrency.leave(scopes));
  }

  /**
   * Gives the call a place until it leaves; undefined when it has one at once (0.1 µs), else it waits in its
   * tenant's line. Rejects with ApiError OVERLOADED, or with the end of the call.
   */
  place(call: Call, tenantId: string): Promise<void> | undefined {
    if (!this.#places.take()) return this.#wait(call, tenantId);
    call.whenLeft(this.#giveBack);
    return undefined;
  }

  readonly #giveBack = (): void => this.#places.giveBack()?.();

  async #wait(call: Call, tenantId: string): Promise<void> {
    const { bounds, clock, metrics } = this.#deps;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (!this.#places.join(tenantId, resolve)) {
      metrics.loadShed("queue_full");
      throw overloaded("The queue for a place is full.");
    }
    const sinceMs = clock.monotonic();
    try {
      await call.during(promise, bounds.queueMs, () => overloaded("No place became free in time."));
      call.mark("placed");
      call.whenLeft(this.#giveBack);
      metrics.queueLeft("placed", (clock.monotonic() - sinceMs) / 1000);
    } catch (error) {
      // In the turn of the timeout the place may have come all the same: it is for the next one then.
      if (!this.#places.withdraw(tenantId, resolve)) this.#giveBack();
      const overdue = error instanceof ApiError;
      if (overdue) metrics.loadShed("queue_timeout");
      metrics.queueLeft(overdue ? "timeout" : "ended", (clock.monotonic() - sinceMs) / 1000);
      throw error;
    }
  }
}

/** This node's refusal of work that it has no room for. */
export function overloaded(message?: string, close = false): ApiError {
  return new ApiError("OVERLOADED", message, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(close && { headers: { connection: "close" } }),
  });
}
