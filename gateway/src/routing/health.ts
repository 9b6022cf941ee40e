import type { Pico } from "../base/money.ts";
import type { FaultClass } from "../core/fault.ts";
import { AccountUse } from "./account.ts";
import { Circuit, type CircuitState } from "./circuit.ts";
import { Latency } from "./latency.ts";
import { HealthNews } from "./news.ts";
import { RetryBudget } from "./retry-budget.ts";

/** Milliseconds between calls that pass although every circuit of a model is open. */
const TRICKLE_MS = 1_000;

/** A failure that spoke against a backend. */
export interface LastFault {
  readonly class: FaultClass;
  /** Epoch milliseconds. */
  readonly at: number;
  /** For operators. */
  readonly reason: string;
}

/** What the background check of a backend's provider has found. */
export interface LastCheck {
  readonly ok: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly fault?: FaultClass;
}

/** What the last small request of the platform's own has shown. */
export interface LastProbe extends LastCheck {
  readonly cost: Pico;
}

/** What this node knows of one backend. */
export class BackendHealth {
  readonly circuit = new Circuit();
  readonly account = new AccountUse();
  /** By whether the call was a stream: a whole answer comes all at once. */
  readonly latency = { stream: new Latency(), whole: new Latency() };
  lastFault: LastFault | undefined;
  lastCheck: LastCheck | undefined;
  lastProbe: LastProbe | undefined;
  #keyPosition = 0;
  /** Monotonic milliseconds of the last alarm about it. */
  alarmedMs = Number.NEGATIVE_INFINITY;

  /** Which of several keys is shown next; it only rises. */
  get keyPosition(): number {
    return this.#keyPosition;
  }

  /** The key at this position was refused. Of the calls that showed it at the same time, one moves on to the next. */
  keyRefused(position: number): void {
    if (position === this.#keyPosition) this.#keyPosition++;
  }
}

/** What this node knows of the requests for one model. */
export class ModelHealth {
  readonly budget: RetryBudget;
  #trickledMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: number) {
    this.budget = new RetryBudget(nowMs);
  }

  /** Whether a call may pass although every circuit is open. The answer yes counts. */
  trickles(nowMs: number): boolean {
    if (nowMs - this.#trickledMs < TRICKLE_MS) return false;
    this.#trickledMs = nowMs;
    return true;
  }

  /** Milliseconds until the next call may pass. */
  trickleMsAt(nowMs: number): number {
    return Math.max(0, this.#trickledMs + TRICKLE_MS - nowMs);
  }
}

export const HEALTH_STATES = ["healthy", "degraded", "unhealthy"] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

const STATE_OF: Readonly<Record<CircuitState, HealthState>> = {
  closed: "healthy",
  half_open: "degraded",
  open: "unhealthy",
};

/** In the words of the API: by the circuit, and a check or a probe that failed makes a healthy one degraded. */
export function healthState({ circuit, lastCheck, lastProbe }: BackendHealth, nowMs: number): HealthState {
  const state = STATE_OF[circuit.stateAt(nowMs)];
  const isDoubtful = lastCheck?.ok === false || lastProbe?.ok === false;
  return state === "healthy" && isDoubtful ? "degraded" : state;
}

/**
 * What this node has seen of backends and models: as many entries as there are of them, since both begin with their
 * first request and are dropped with what they are about.
 */
export class Health {
  readonly #backends = new Map<string, BackendHealth>();
  readonly #models = new Map<string, ModelHealth>();
  /** What people are to be told. */
  readonly news = new HealthNews();

  /** Of a backend that exists. */
  backend(id: string): BackendHealth {
    let known = this.#backends.get(id);
    if (!known) this.#backends.set(id, (known = new BackendHealth()));
    return known;
  }

  /** Of a model that exists. */
  model(id: string, nowMs: number): ModelHealth {
    let known = this.#models.get(id);
    if (!known) this.#models.set(id, (known = new ModelHealth(nowMs)));
    return known;
  }

  /** Of backends that have been asked or checked. */
  backends(): Iterable<readonly [id: string, health: BackendHealth]> {
    return this.#backends;
  }

  /** Drops a backend or model that has been deleted, or a backend that is another one now: it begins anew. */
  forget(id: string): void {
    this.#backends.delete(id);
    this.#models.delete(id);
  }
}
