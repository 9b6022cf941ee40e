import type { RoutingPolicy } from "../../api/types.ts";
import { linesOf } from "../../lib/lines.ts";

export type Target = RoutingPolicy["targets"][number];

/** A policy as the form holds it. */
export interface PolicyDraft {
  readonly strategy: RoutingPolicy["strategy"];
  readonly targets: readonly Target[];
  readonly attempts: string;
  readonly asksAgain: boolean;
  readonly failoverOn: ReadonlySet<string>;
  readonly midstream: RoutingPolicy["midstream"];
  readonly sticky: RoutingPolicy["sticky"];
  /** A slug a line. */
  readonly fallbackModels: string;
  readonly fallbackPrice: RoutingPolicy["fallback_price"];
}

/** Faults that another backend may not have. */
export const FAILOVER_CLASSES = [
  "rate_limited",
  "timeout",
  "unavailable",
  "server_error",
  "network",
  "auth",
  "context_length",
  "shape",
] as const satisfies readonly RoutingPolicy["failover_on"][number][];

/** What a new policy begins with: what the API takes where nothing is said. */
export const NEW_POLICY: PolicyDraft = {
  strategy: "priority",
  targets: [],
  attempts: "3",
  asksAgain: true,
  failoverOn: new Set(FAILOVER_CLASSES),
  midstream: "error",
  sticky: "none",
  fallbackModels: "",
  fallbackPrice: "asked",
};

/** A policy, for a form to begin with. */
export function draftOf(policy: RoutingPolicy): PolicyDraft {
  return {
    strategy: policy.strategy,
    targets: inOrder(policy.targets),
    attempts: String(policy.retry.attempts),
    asksAgain: policy.retry.same_backend > 0,
    failoverOn: new Set(policy.failover_on),
    midstream: policy.midstream,
    sticky: policy.sticky,
    fallbackModels: policy.fallback_models.join("\n"),
    fallbackPrice: policy.fallback_price,
  };
}

/** The policy as the API takes it. */
export function bodyOf(draft: PolicyDraft): object {
  return {
    strategy: draft.strategy,
    targets: draft.targets,
    retry: { attempts: Number(draft.attempts), same_backend: draft.asksAgain ? 1 : 0 },
    failover_on: [...draft.failoverOn],
    midstream: draft.midstream,
    sticky: draft.sticky,
    fallback_models: linesOf(draft.fallbackModels),
    fallback_price: draft.fallbackPrice,
  };
}

/** Targets by priority; those of one priority stay as they are. */
export function inOrder(targets: readonly Target[]): readonly Target[] {
  return [...targets].sort((one, other) => one.priority - other.priority);
}

/** Moves a target to another place. Priorities belong to the places, so that the order stays that of the list. */
export function moved(targets: readonly Target[], from: number, to: number): readonly Target[] {
  const target = targets[from];
  if (!target || !targets[to]) return targets;
  const next = targets.filter((_, at) => at !== from);
  next.splice(to, 0, target);
  return next.map((each, at) => ({ ...each, priority: targets[at]?.priority ?? each.priority }));
}
