import type { Backend, Need, RoutingPolicy, RoutingTarget } from "../core/catalogue.ts";

/** What the plan needs to know beyond the policy and the backends. */
export interface PlanFacts {
  isProviderActive(providerId: string): boolean;
  /** Whether a cost of this backend is in force; a `free` one needs none. */
  hasCost(backendId: string): boolean;
  /** Whether what it costs cannot be read, or what its grant says is paid for it. */
  isSpoilt(backendId: string): boolean;
  /** Whether this backend can show a key, or needs none. */
  hasCredentials(backendId: string): boolean;
  /** Whether the model may be routed over this backend. */
  isGranted(backendId: string): boolean;
}

export type SkipCause =
  | "target_disabled"
  | "unknown_backend"
  | "backend_disabled"
  | "provider_disabled"
  | "no_key"
  | "no_cost"
  | "not_granted";

export interface Candidate {
  readonly backend: Backend;
  readonly target: RoutingTarget;
  /** Why it stands where it stands, for the trace. */
  readonly reason: string;
}

export interface Skipped {
  readonly backendId: string;
  readonly cause: SkipCause;
  readonly reason: string;
}

export interface Plan {
  /** In the order they are to be tried. */
  readonly candidates: readonly Candidate[];
  /** Every other target of the policy. */
  readonly skipped: readonly Skipped[];
}

/**
 * Orders the targets of a policy: by priority (1 before 2), inside a priority by weight (heavier first), then by
 * the backend's id, so that the same question always has the same answer.
 */
export function plan(policy: RoutingPolicy, backends: ReadonlyMap<string, Backend>, facts: PlanFacts): Plan {
  const candidates: Candidate[] = [];
  const skipped: Skipped[] = [];
  for (const target of policy.targets.toSorted(byOrder)) {
    const backend = backends.get(target.backend_id);
    const obstacle = obstacleOf(target, backend, facts);
    if (obstacle !== undefined) {
      skipped.push({ backendId: target.backend_id, ...obstacle });
    } else if (backend !== undefined && candidates.every((c) => c.backend.id !== backend.id)) {
      candidates.push({ backend, target, reason: `priority ${target.priority}, weight ${target.weight}` });
    }
  }
  return { candidates, skipped };
}

function byOrder(one: RoutingTarget, other: RoutingTarget): number {
  if (one.priority !== other.priority) return one.priority - other.priority;
  if (one.weight !== other.weight) return other.weight - one.weight;
  return one.backend_id < other.backend_id ? -1 : 1;
}

function obstacleOf(
  target: RoutingTarget,
  backend: Backend | undefined,
  facts: PlanFacts,
): { readonly cause: SkipCause; readonly reason: string } | undefined {
  if (!target.enabled) return { cause: "target_disabled", reason: "the policy has switched this target off" };
  if (backend === undefined) return { cause: "unknown_backend", reason: "there is no such backend" };
  if (!facts.isGranted(backend.id)) {
    return { cause: "not_granted", reason: "it is not granted any more to whose model this is" };
  }
  if (backend.status !== "active") return { cause: "backend_disabled", reason: "the backend is disabled" };
  if (!facts.isProviderActive(backend.providerId)) {
    return { cause: "provider_disabled", reason: "its provider is disabled" };
  }
  if (!facts.hasCredentials(backend.id)) {
    return { cause: "no_key", reason: "the variable or file that its key is kept in holds none" };
  }
  if (facts.isSpoilt(backend.id)) {
    return { cause: "no_cost", reason: "its cost, or the price of its grant, cannot be read from the store" };
  }
  if (!backend.free && !facts.hasCost(backend.id)) {
    return { cause: "no_cost", reason: "it has no cost in force and is not marked free" };
  }
  return undefined;
}

/**
 * What a backend does not offer of that which a request cannot do without. One that states no
 * capabilities is asked anyway: nobody has said what a self-hosted model can do, and an upstream that cannot says so
 * itself.
 */
export function lacking(backend: Backend, needs: readonly Need[]): Need | undefined {
  if (backend.capabilities.length === 0) return undefined;
  return needs.find((need) => !backend.capabilities.includes(need));
}
