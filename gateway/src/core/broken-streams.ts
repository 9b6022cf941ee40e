import type { LimitSetter } from "./tenancy.ts";

/**
 * Who pays for an answer that does not reach its end, from what asks least of the caller to what asks most:
 * - `free_on_provider_fault`: as `delivered`, but nothing where the provider broke it off
 * - `delivered`: the input once, and the output that went down
 * - `upstream`: what the provider charges; a caller who leaves is followed to the end of the answer to learn it
 */
export const BROKEN_STREAM_POLICIES = ["free_on_provider_fault", "delivered", "upstream"] as const;
export type BrokenStreamPolicy = (typeof BROKEN_STREAM_POLICIES)[number];

/** What holds where nobody has said anything. */
export const USUAL_POLICY: BrokenStreamPolicy = "delivered";

/** What has been said of a partner or a tenant. */
export interface BrokenStreamTerms {
  /** By those above it. */
  readonly set?: { readonly by: LimitSetter; readonly policy: BrokenStreamPolicy };
  /** What the level asks of itself: it can only be stricter. */
  readonly own?: BrokenStreamPolicy;
}

/** A partner or a tenant, as far as this goes. */
export interface UnderTerms {
  readonly brokenStreams?: BrokenStreamTerms;
}

/** A policy in force, and whose word it is. */
export interface PolicyInForce {
  readonly policy: BrokenStreamPolicy;
  readonly by: LimitSetter | "installation" | "itself";
}

/** Whether the first asks less of the caller than the second. */
export function isLaxer(policy: BrokenStreamPolicy, than: BrokenStreamPolicy): boolean {
  return BROKEN_STREAM_POLICIES.indexOf(policy) < BROKEN_STREAM_POLICIES.indexOf(than);
}

/** What holds for a partner. */
export function partnersPolicy({ brokenStreams: terms }: UnderTerms): PolicyInForce {
  const set: PolicyInForce = terms?.set ?? { policy: USUAL_POLICY, by: "installation" };
  return tightened(set, terms);
}

/** What holds for a tenant: what the platform has said of it, else its partner, who gives no more than it has. */
export function tenantsPolicy(tenant: UnderTerms, partner: UnderTerms): PolicyInForce {
  const { brokenStreams: terms } = tenant;
  return tightened(policyAbove(tenant, partner), terms);
}

/** What holds for a tenant before it has asked anything of itself. */
export function policyAbove({ brokenStreams: terms }: UnderTerms, partner: UnderTerms): PolicyInForce {
  const set = terms?.set;
  if (set?.by === "platform") return set;
  const has = partnersPolicy(partner);
  const inherited: PolicyInForce = has.by === "itself" ? { ...has, by: "partner" } : has;
  return set === undefined || isLaxer(set.policy, inherited.policy) ? inherited : set;
}

/** The same for a request; undefined = the usual one. Two comparisons where nobody has said anything. */
export function policyFor(tenant: UnderTerms, partner: UnderTerms): BrokenStreamPolicy | undefined {
  if (tenant.brokenStreams === undefined && partner.brokenStreams === undefined) return undefined;
  const { policy } = tenantsPolicy(tenant, partner);
  return policy === USUAL_POLICY ? undefined : policy;
}

function tightened(set: PolicyInForce, terms: BrokenStreamTerms | undefined): PolicyInForce {
  const own = terms?.own;
  return own === undefined || !isLaxer(set.policy, own) ? set : { policy: own, by: "itself" };
}
