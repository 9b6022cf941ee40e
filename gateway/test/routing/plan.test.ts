import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  POLICY_DEFAULTS,
  type Backend,
  type RoutingPolicy,
  type RoutingTarget,
} from "../../src/core/catalogue.ts";
import { lacking, plan, type PlanFacts, type SkipCause } from "../../src/routing/plan.ts";

function backend(id: string, changes: Partial<Backend> = {}): Backend {
  return {
    id,
    providerId: "prov_1",
    uri: `custom:${id}`,
    upstreamModel: id,
    dialect: "openai-chat",
    capabilities: ["chat", "tools"],
    timeouts: { connect: 5_000, first_byte: 20_000, idle: 30_000, total: 600_000 },
    free: false,
    status: "active",
    createdAt: 1,
    ...changes,
  };
}

function target(backendId: string, priority = 1, weight = 100, enabled = true): RoutingTarget {
  return { backend_id: backendId, priority, weight, enabled };
}

function policy(...targets: readonly RoutingTarget[]): RoutingPolicy {
  return { ...POLICY_DEFAULTS, id: "route_1", modelId: "model_1", targets, createdAt: 1 };
}

const FACTS: PlanFacts = {
  isProviderActive: () => true,
  hasCredentials: () => true,
  hasCost: () => true,
  isSpoilt: () => false,
  isGranted: () => true,
};

function mapOf(...backends: readonly Backend[]): ReadonlyMap<string, Backend> {
  return new Map(backends.map((one) => [one.id, one]));
}

describe("plan", () => {
  test("orders by priority, then by weight, then by id, whatever the order in the policy", () => {
    const all = mapOf(backend("be_A"), backend("be_B"), backend("be_C"), backend("be_D"));
    const targets = [
      target("be_D", 2, 900),
      target("be_C", 1, 10),
      target("be_B", 1, 90),
      target("be_A", 1, 10),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(targets, { minLength: 4 }), (shuffled) => {
        const { candidates, skipped } = plan(policy(...shuffled), all, FACTS);
        expect(candidates.map((one) => one.backend.id)).toEqual(["be_B", "be_A", "be_C", "be_D"]);
        expect(skipped).toEqual([]);
      }),
    );
  });

  test("says of each candidate why it stands there", () => {
    const { candidates } = plan(policy(target("be_A", 2, 50)), mapOf(backend("be_A")), FACTS);
    expect(candidates[0]?.reason).toBe("priority 2, weight 50");
  });

  test.each<[SkipCause, RoutingTarget, Partial<Backend>, Partial<PlanFacts>]>([
    ["target_disabled", target("be_A", 1, 100, false), {}, {}],
    ["unknown_backend", target("be_gone"), {}, {}],
    ["backend_disabled", target("be_A"), { status: "disabled" }, {}],
    ["provider_disabled", target("be_A"), {}, { isProviderActive: () => false }],
    ["no_key", target("be_A"), {}, { hasCredentials: (id) => id === "be_B" }],
    ["no_cost", target("be_A"), {}, { hasCost: () => false }],
    ["no_cost", target("be_A"), {}, { isSpoilt: (id) => id === "be_A" }],
    ["not_granted", target("be_A"), {}, { isGranted: (id) => id !== "be_A" }],
  ])("%s keeps a backend out and is told", (cause, skippedTarget, changes, facts) => {
    const all = mapOf(
      backend("be_A", changes),
      backend("be_B", { free: true, capabilities: [], providerId: "prov_2" }),
    );
    const isProviderActive = (id: string) => id === "prov_2" || (facts.isProviderActive?.(id) ?? true);
    const result = plan(policy(skippedTarget, target("be_B", 2)), all, {
      ...FACTS,
      ...facts,
      isProviderActive,
    });
    expect(result.candidates.map((one) => one.backend.id)).toEqual(["be_B"]);
    expect(result.skipped).toMatchObject([{ backendId: skippedTarget.backend_id, cause }]);
  });

  test("a missing capability is named; a backend that states none is trusted with everything", () => {
    expect(lacking(backend("be_A"), ["tools", "vision"])).toBe("vision");
    expect(lacking(backend("be_A"), ["tools"])).toBeUndefined();
    expect(lacking(backend("be_A", { capabilities: [] }), ["vision"])).toBeUndefined();
  });

  test("a backend listed twice is tried once, at its better place", () => {
    const all = mapOf(backend("be_A"), backend("be_B"));
    const { candidates } = plan(policy(target("be_A", 3), target("be_B", 2), target("be_A", 1)), all, FACTS);
    expect(candidates.map((one) => one.reason)).toEqual(["priority 1, weight 100", "priority 2, weight 100"]);
  });
});
