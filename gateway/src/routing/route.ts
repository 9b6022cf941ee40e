import type { FrontendModel, PriceVersion, RoutingPolicy, Timeouts } from "../core/catalogue.ts";
import type { TraceCandidate } from "../core/trace.ts";
import type { Candidate } from "./candidate.ts";
import type { Plan } from "./plan.ts";

/** What the policy of a model comes to as things stand. */
export interface Route {
  readonly model: FrontendModel;
  readonly policy: RoutingPolicy;
  /** Undefined where the model has none in force. */
  readonly price: PriceVersion | undefined;
  /** By priority; within one, heavier first. None of them empty. */
  readonly groups: readonly (readonly Candidate[])[];
  /** All of them. */
  readonly candidates: readonly Candidate[];
  readonly timeouts: readonly Timeouts[];
  /** Whether any of them must be told how much it may say at most, or the limit must hold whatever the model says. */
  readonly needsLimit: boolean;
  /** Tokens: what a prompt comes to at most, as far as money is concerned. */
  readonly windowMax: number;
  /** For the trace: every target of the policy, each candidate as one that is open. */
  readonly told: readonly TraceCandidate[];
  readonly skipped: Plan["skipped"];
  /** At least what any candidate charges. */
  readonly cost: Pick<PriceVersion, "rates" | "tiers"> | undefined;
}
