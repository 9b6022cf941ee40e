import {
  type Backend,
  type Credentials,
  type FrontendModel,
  isFound,
  type Need,
  type PriceVersion,
  type Provider,
} from "../core/catalogue.ts";
import type { UpstreamDialect } from "../core/dialect.ts";
import type { TraceCandidate } from "../core/trace.ts";
import type { Option } from "./choose.ts";
import type { BackendHealth } from "./health.ts";
import { lacking } from "./plan.ts";
import type { Floor } from "./terms.ts";

interface CandidateInit {
  readonly backend: Backend;
  readonly provider: Provider;
  readonly credentials: Credentials;
  readonly dialect: UpstreamDialect;
  /** Whether it takes images as bytes alone. */
  readonly needsBytes: boolean;
  /** What it charges, as long as the route holds; undefined where it is free. */
  readonly cost: PriceVersion | undefined;
  /** The model whose policy names it: the one that was asked for, or a fallback. */
  readonly model: FrontendModel;
  /** What is charged at least for that model over this backend; undefined for a model of the platform. */
  readonly floor: Floor | undefined;
  readonly priority: number;
  readonly weight: number;
  readonly idHash: number;
  readonly health: BackendHealth;
  readonly inFlight: () => number;
  /** Why it stands where it stands. */
  readonly reason: string;
}

/** What keeps a request from a backend just now. `full` will pass by itself, and says nothing of the backend. */
export interface Obstacle {
  readonly kind: "capability" | "circuit" | "full";
  readonly reason: string;
  /** Milliseconds until it may be gone; undefined where nobody knows. */
  readonly waitMs?: number;
}

/** What a request wants of a backend. */
export interface Claim {
  /** What it must be able to do. */
  readonly needs: readonly Need[];
  /** Whose it is, where several tenants share the accounts behind backends. */
  readonly tenantId: string | undefined;
}

/** A backend with all that is needed to call it, in its place in the policy of a model. One for all requests. */
export class Candidate implements Option {
  readonly backend: Backend;
  readonly provider: Provider;
  readonly credentials: Credentials;
  /** All that it may be shown, the first of `credentials` among them; never empty. */
  readonly keys: readonly Credentials[];
  readonly dialect: UpstreamDialect;
  readonly needsBytes: boolean;
  readonly cost: PriceVersion | undefined;
  readonly model: FrontendModel;
  readonly floor: Floor | undefined;
  readonly priority: number;
  readonly weight: number;
  readonly idHash: number;
  readonly health: BackendHealth;
  /** For the trace of a request that may use it. */
  readonly told: TraceCandidate;
  readonly #inFlight: () => number;

  constructor(init: CandidateInit) {
    this.backend = init.backend;
    this.provider = init.provider;
    this.credentials = init.credentials;
    this.keys = keysOf(init.credentials);
    this.dialect = init.dialect;
    this.needsBytes = init.needsBytes;
    this.cost = init.cost;
    this.model = init.model;
    this.floor = init.floor;
    this.priority = init.priority;
    this.weight = init.weight;
    this.idHash = init.idHash;
    this.health = init.health;
    this.told = { backendId: init.backend.id, taken: true, reason: init.reason };
    this.#inFlight = init.inFlight;
  }

  busy(): number {
    return this.#inFlight();
  }

  latencyMs(form: "stream" | "whole", nowMs: number): number | undefined {
    return this.health.latency[form].at(nowMs);
  }

  /** Whether a request with these needs may go there now. Takes 10 ns for a backend that is well. */
  isOpen({ needs, tenantId }: Claim, nowMs: number): boolean {
    const { maxConcurrency, accountLimits } = this.backend;
    return (
      this.health.circuit.admits(nowMs) &&
      (maxConcurrency === undefined || this.busy() < maxConcurrency) &&
      (accountLimits === undefined || this.health.account.waitMs(accountLimits, nowMs, tenantId) === 0) &&
      (needs.length === 0 || lacking(this.backend, needs) === undefined)
    );
  }

  /** Why it is not open, in words. */
  obstacle({ needs, tenantId }: Claim, nowMs: number): Obstacle | undefined {
    const missing = lacking(this.backend, needs);
    if (missing !== undefined) return { kind: "capability", reason: `it does not offer ${missing}` };
    if (!this.health.circuit.admits(nowMs)) return this.#circuitOpen(nowMs);
    const { maxConcurrency, accountLimits } = this.backend;
    if (maxConcurrency !== undefined && this.busy() >= maxConcurrency) {
      return { kind: "full", reason: `its ${maxConcurrency} calls are in flight` };
    }
    if (accountLimits === undefined) return undefined;
    const waitMs = this.health.account.waitMs(accountLimits, nowMs, tenantId);
    if (waitMs === 0) return undefined;
    const isShared = this.health.account.waitMs(accountLimits, nowMs) === 0;
    const whose = isShared ? "the rest of its account is for other tenants" : "its account takes no more";
    return { kind: "full", waitMs, reason: `${whose} for ${seconds(waitMs)}` };
  }

  #circuitOpen(nowMs: number): Obstacle {
    const { circuit, lastFault } = this.health;
    const after = lastFault === undefined ? "" : ` after ${lastFault.class}`;
    if (circuit.isProbed(nowMs)) {
      return { kind: "circuit", reason: `its circuit is half-open${after}, and a probe is under way` };
    }
    const waitMs = circuit.restMsAt(nowMs);
    return {
      kind: "circuit",
      waitMs,
      reason: `its circuit is open${after}; next probe in ${seconds(waitMs)}`,
    };
  }
}

function keysOf(credentials: Credentials): readonly Credentials[] {
  const { others = [], ...first } = credentials;
  // One whose variable or file is empty has nothing to show.
  return [first, ...others.filter(isFound)];
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
