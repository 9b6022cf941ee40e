import {
  POLICY_DEFAULTS,
  type Backend,
  type FrontendModel,
  type PriceVersion,
  type RoutingPolicy,
  type Strategy,
} from "../../gateway/src/core/catalogue.ts";
import { UPSTREAM_DIALECTS } from "../../gateway/src/main/dialects.ts";
import { stickyHashOf } from "../../gateway/src/routing/choose.ts";
import { Health } from "../../gateway/src/routing/health.ts";
import { Itinerary } from "../../gateway/src/routing/itinerary.ts";
import { Routes } from "../../gateway/src/snapshot/routes.ts";
import { Snapshot } from "../../gateway/src/snapshot/snapshot.ts";
import type { Figure } from "../figure.ts";
import type { Bench, Found } from "../measure.ts";

const BACKENDS = 50;
const PLANS = 100_000;
const WARM_UP_PLANS = 50_000;
const MODEL_ID = "model_bench";

const MODEL: FrontendModel = {
  id: MODEL_ID,
  slug: "bench/model",
  displayName: "Bench",
  modality: "chat",
  capabilities: [],
  contextWindow: 128_000,
  defaultParams: {},
  free: false,
  status: "active",
  ownedBy: "bench",
  createdAt: 0,
};

/** A model with so many backends behind one policy, each with a cost and a limit of its own. */
function snapshotOf(backends: number, strategy: Strategy, sticky: "none" | "user"): Snapshot {
  const snapshot = new Snapshot();
  const provider = { id: "prov_1", type: "custom", name: "p", status: "active", createdAt: 0 } as const;
  snapshot.apply({ kind: "provider", id: provider.id, value: { provider, credentials: {} } });
  const ids = Array.from({ length: backends }, (_, i) => `be_${String(i).padStart(26, "0")}`);
  for (const id of ids) {
    const backend: Backend = {
      id,
      providerId: provider.id,
      uri: "custom:x",
      upstreamModel: "x",
      dialect: "openai-chat",
      capabilities: ["chat", "tools"],
      timeouts: { connect: 5_000, first_byte: 20_000, idle: 30_000, total: 600_000 },
      maxConcurrency: 1_000,
      free: false,
      status: "active",
      createdAt: 0,
    };
    snapshot.apply({ kind: "backend", id, value: { backend, credentials: {} } });
    snapshot.apply(priceOf(id, "backend"));
  }
  snapshot.apply({ kind: "model", id: MODEL_ID, value: MODEL });
  snapshot.apply(priceOf(MODEL_ID, "model"));
  const targets = ids.map((backend_id) => ({ backend_id, priority: 1, weight: 100, enabled: true }));
  const about = { id: "route_1", modelId: MODEL_ID, targets, strategy, sticky, createdAt: 0 };
  const policy: RoutingPolicy = { ...POLICY_DEFAULTS, ...about };
  snapshot.apply({ kind: "routing_policy", id: policy.id, value: policy });
  return snapshot;
}

function priceOf(id: string, kind: "model" | "backend") {
  const rates = { input: 2_500_000n, output: 10_000_000n };
  const value: PriceVersion = { id: `price_${id}`, subject: { kind, id }, effectiveFrom: 0, rates };
  return { kind: "price_version", id: value.id, value } as const;
}

/** Microseconds of one request's plan, as stage 6 makes it. */
function planUs(backends: number, strategy: Strategy, sticky: "none" | "user" = "none"): number {
  const snapshot = snapshotOf(backends, strategy, sticky);
  const health = new Health();
  const dialects = new Map(UPSTREAM_DIALECTS.map((dialect) => [dialect.name, dialect]));
  const routes = new Routes({ snapshot, health, dialects, unpriced: "refuse", inFlight: () => 1 });
  const plan = (nowMs: number): void => {
    const traits = {
      needs: [],
      tenantId: undefined,
      form: "stream",
      stickyHash: sticky === "none" ? undefined : stickyHashOf("user_1", undefined),
    } as const;
    const route = routes.of(MODEL, nowMs);
    const itinerary = new Itinerary(route ? [route] : [], traits, Math.random);
    const first = itinerary.next(nowMs);
    const told = itinerary.told(nowMs);
    if (!first || told.length !== backends) throw new Error("the plan has lost a backend");
    itinerary.take(first);
  };
  for (let i = 0; i < WARM_UP_PLANS; i++) plan(i);
  // Processor time: on a shared machine others take turns.
  const before = process.cpuUsage();
  for (let i = 0; i < PLANS; i++) plan(i);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / PLANS;
}

const KINDS: readonly (readonly [string, number, Strategy, ("none" | "user")?])[] = [
  ["one backend", 1, "priority"],
  [`${BACKENDS} backends, by priority`, BACKENDS, "priority"],
  [`${BACKENDS} backends, by weight`, BACKENDS, "weighted"],
  [`${BACKENDS} backends, the least busy`, BACKENDS, "least_busy"],
  [`${BACKENDS} backends, the quickest`, BACKENDS, "latency"],
  [`${BACKENDS} backends, sticking to a user`, BACKENDS, "weighted", "user"],
];

/** What it costs to decide where a request goes. */
export function routing({ rounds }: Bench): Promise<Found> {
  const figures = KINDS.map(([name, backends, strategy, sticky]): Figure => ({
    id: `routing.${strategy}_${sticky === "user" ? "sticky_" : ""}${backends}`,
    name: `routing: ${name}`,
    unit: "µs",
    digits: 2,
    floor: { sense: "at most", floor: 3 },
    values: { gateway: Array.from({ length: rounds }, () => planUs(backends, strategy, sticky)) },
  }));
  return Promise.resolve({
    figures,
    notes: [],
    answers: { requests: 0, tokens: 0, failures: 0 },
    faults: [],
  });
}
