import { z } from "zod";
import {
  BROKEN_STREAM_POLICIES,
  type BrokenStreamTerms,
  isLaxer,
  type PolicyInForce,
  type UnderTerms,
} from "../core/broken-streams.ts";
import type { Scope } from "../core/scope.ts";
import type { LimitSetter } from "../core/tenancy.ts";
import { ApiError } from "../errors.ts";

const policy = z.enum(BROKEN_STREAM_POLICIES);

/** The policy as a change gives it. */
export const brokenStreamsChange = policy
  .nullable()
  .describe(
    "Who pays for an answer that does not reach its end. `delivered`: the input, and the output that went down. " +
      "`upstream`: what the provider charges; the answer of a caller who leaves is read on for up to 30 s to learn it. " +
      "`free_on_provider_fault`: as `delivered`, and nothing where the provider broke it off. `null` = whatever holds " +
      "without it. The level itself can only tighten what holds (`upstream` is the tightest).",
  );

/** The policy in force, and who has set it. */
export const brokenStreamsView = z.strictObject({
  policy,
  set_by: z.enum(["installation", "platform", "partner", "tenant", "itself"]),
});

/** Tells a policy. */
export function viewPolicy({ policy: inForce, by }: PolicyInForce): z.infer<typeof brokenStreamsView> {
  return { policy: inForce, set_by: by };
}

const RANKS = { user: 0, tenant: 1, partner: 2, platform: 3 } as const;

/** What a caller asks, of whom, and what they could give at most. */
export interface PolicyAsked {
  readonly level: "partner" | "tenant";
  readonly asked: z.output<typeof brokenStreamsChange> | undefined;
  readonly former: UnderTerms;
  readonly caller: Scope;
  /** What holds at the level before it asks anything of itself. */
  readonly above: PolicyInForce;
  /** What a partner has for itself: it can give its tenants no more. */
  readonly givers: PolicyInForce;
}

/**
 * The terms after a change: from above it sets the policy, from the level itself it tightens it; undefined where nothing
 * is asked, null where nothing is left. Throws ApiError AUTHZ_PERMISSION_DENIED for what a higher level has set,
 * VALIDATION_ERROR for what would loosen.
 */
export function changedTerms({
  level,
  asked,
  former: { brokenStreams: terms = {} },
  caller,
  above,
  givers,
}: PolicyAsked): BrokenStreamTerms | null | undefined {
  if (asked === undefined) return undefined;
  const { set, own } = terms;
  if (caller.level === "user" || RANKS[caller.level] <= RANKS[level]) {
    if (asked !== null) demandNoLaxer(asked, above.policy);
    return termsOf(set, asked ?? undefined);
  }
  const by: LimitSetter = caller.level;
  if (set && RANKS[set.by] > RANKS[by]) {
    throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
      hint: `The ${set.by} has set this policy: to you it is read-only.`,
    });
  }
  if (asked !== null && by !== "platform") demandNoLaxer(asked, givers.policy);
  return termsOf(asked === null ? undefined : { by, policy: asked }, own);
}

/** The terms of what is being made: whoever makes it is above it. Throws as `changedTerms` does. */
export function madeTerms(asked: Omit<PolicyAsked, "former">): UnderTerms {
  const terms = changedTerms({ ...asked, former: {} });
  return terms ? { brokenStreams: terms } : {};
}

function termsOf(set: BrokenStreamTerms["set"], own: BrokenStreamTerms["own"]): BrokenStreamTerms | null {
  if (set === undefined && own === undefined) return null;
  return { ...(set && { set }), ...(own !== undefined && { own }) };
}

function demandNoLaxer(asked: PolicyInForce["policy"], least: PolicyInForce["policy"]): void {
  if (!isLaxer(asked, least)) return;
  const allowed = BROKEN_STREAM_POLICIES.filter((each) => !isLaxer(each, least));
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "broken_streams", message: `can only be tightened here: ${allowed.join(" or ")}` }],
  });
}
