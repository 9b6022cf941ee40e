import type { FrontendModel, RoutingPolicy, Timeouts } from "../core/catalogue.ts";
import type { Tenant } from "../core/tenancy.ts";
import type { TraceCandidate } from "../core/trace.ts";
import type { Candidate } from "./candidate.ts";
import type { Plan } from "./plan.ts";
import type { Amounted, Terms } from "./terms.ts";

/** Who pays: a tenant, and its partner. */
export type PayingTenant = Pick<Tenant, "id" | "partnerId">;

/** What the policy of a model comes to as things stand. */
export interface Route {
  readonly model: FrontendModel;
  readonly policy: RoutingPolicy;
  /** What a tenant and its partner pay for it; a look-up. */
  readonly terms: { for(tenant: PayingTenant, nowMs: number): Terms };
  /** By priority; within one, heavier first. None of them empty. */
  readonly groups: readonly (readonly Candidate[])[];
  /** All of them. */
  readonly candidates: readonly Candidate[];
  readonly timeouts: readonly Timeouts[];
  /** Whether any of them must be told how much it may say at most, or the limit must hold whatever the model says. */
  readonly needsLimit: boolean;
  /** Whether any of them takes images as bytes alone. */
  readonly needsBytes: boolean;
  /** Tokens: what a prompt comes to at most, as far as money is concerned. */
  readonly windowMax: number;
  /** For the trace: every target of the policy, each candidate as one that is open. */
  readonly told: readonly TraceCandidate[];
  readonly skipped: Plan["skipped"];
  /** At least what any candidate charges. */
  readonly cost: Amounted | undefined;
}
