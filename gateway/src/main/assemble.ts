import { systemClock as clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { VERSION } from "../base/version.ts";
import type { Config } from "../config/config.ts";
import { anthropicDoor } from "../dialects/anthropic-door/anthropic-door.ts";
import { openaiDoor } from "../dialects/openai-door/openai-door.ts";
import { scaigrid } from "../dialects/scaigrid/scaigrid.ts";
import { ApiReference } from "../http/docs/api-reference.ts";
import { Doors } from "../http/doors/doors.ts";
import { anthropicDoorAt } from "../http/doors/anthropic.ts";
import { nativeDoor } from "../http/doors/native.ts";
import { openaiDoorAt } from "../http/doors/openai.ts";
import { INFERENCE, MANAGEMENT, PUBLIC, SYSTEM } from "../http/endpoints.ts";
import { type Handle, handler } from "../http/handle.ts";
import { Router } from "../http/router.ts";
import { probeRoutes, type RouteDeps, routes } from "../http/routes.ts";
import type { SystemDeps } from "../http/system/endpoint.ts";
import type { InferenceDeps } from "../inference/deps.ts";
import { InFlight } from "../inference/in-flight.ts";
import type { SizeCap } from "../jobs/size-cap.ts";
import type { Overload } from "../limits/overload.ts";
import type { RequestTrace } from "../core/trace.ts";
import { TrafficKeeper } from "../jobs/keep-traffic.ts";
import { Health } from "../routing/health.ts";
import { Activity } from "../snapshot/activity.ts";
import { Freshness } from "../snapshot/freshness.ts";
import type { Delta } from "../snapshot/snapshot.ts";
import { Unsettled } from "../settlement/unsettled.ts";
import type { DiskReserve } from "../limits/disk-reserve.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { Traffic } from "../telemetry/traffic.ts";
import { ConcurrencyGate } from "../upstream/concurrency.ts";
import { EgressGuard } from "../upstream/egress/guard.ts";
import { HttpUpstream } from "../upstream/http-upstream.ts";
import { PoolUpstream } from "../upstream/pool/pool-upstream.ts";
import { SandboxUpstream } from "../upstream/sandbox/sandbox-upstream.ts";
import { Upstreams } from "../upstream/upstreams.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { management, type ManagementJobs } from "./management.ts";
import { serverSearch } from "./offers.ts";
import { type Money, moneyOf } from "./money.ts";
import { nodeStateOf } from "./node-state.ts";
import type { Parts } from "./parts.ts";
import { tellSetAside } from "./recovery.ts";
import { forgetHealth, healthOfAll, routesOf } from "./routing.ts";

/** How the end of the process is under way. */
export interface Lifecycle {
  /** Others take over: calls are served, each as the last on its connection. */
  leaving: boolean;
  /** Nothing new is admitted. */
  draining: boolean;
}

/** What the process does and knows, once assembled. */
export interface Gateway {
  readonly handle: Handle;
  readonly inFlight: InFlight;
  readonly unsettled: Unsettled;
  readonly money: Money;
  readonly metrics: Metrics;
  readonly overload: Overload;
  readonly limits: Pick<Limits, "limiters" | "rebalance" | "disk">;
  readonly activity: Activity;
  /** Applies what has been committed and is not in force yet. */
  readonly catchUp: () => Promise<void>;
  readonly jobs: ManagementJobs;
  /** Looks for model servers nearby and adds what they have. */
  readonly searchServers: (controller: AbortController) => Promise<void>;
  readonly lifecycle: Lifecycle;
  /** The address that links are made of; known once the port is. */
  readonly address: { url: string; port: number };
}

/** Constructs every collaborator of the request path and ties them together. */
export function assemble(parts: Parts): Gateway {
  const { config, records, plane, log } = parts;
  const inFlight = new InFlight();
  const unsettled = new Unsettled(tellSetAside(log));
  const lifecycle = { leaving: false, draining: false };
  const address = { url: config.publicUrl ?? "", port: config.port };
  const activity = new Activity();
  const [gate, health, traffic] = [new ConcurrencyGate(), new Health(), trafficOf(parts)];
  const { upstream, pools, media } = upstreams(config, gate);
  const freshness = freshnessOf(parts);
  const later = { limits: () => limits, drifts: () => jobs.reconciler.open, size: () => jobs.sizeCap };
  const metrics = metricsOf(parts, { gate, health, inFlight, ...later });
  const money = moneyOf(parts, inFlight, unsettled, () => freshness.catchUp());
  const accounts = { journal: money.journal, budgets: money.book, idempotency: money.idempotency };
  const backendCalls = (backendId: string): number => gate.inFlight(backendId);
  const routing = { upstream, media, routes: routesOf(parts, health, backendCalls), health, backendCalls };
  const node = nodeStateOf(parts, { inFlight, health, system: () => system, ...later });
  const outside = { ...routing, pools, node, unsettled, keepTraffic: () => traffic.keep() };
  const { admin, audit, jobs } = management(parts, activity, freshness, address, outside, money);
  const limits = limitsOf(config, parts.machine, { metrics, admin, shared: records.shared });
  const { managementLimiter, strangers } = limits;
  const shared = { inFlight, unsettled, money, metrics, lifecycle, activity, overload: limits.overload };
  const inference: InferenceDeps = {
    ...shared,
    ...(records.store.engine === "postgres" && { freshness }),
    clock,
    config,
    snapshot: plane.snapshot,
    ...limits,
    ...accounts,
    ...money.noted,
    ...routing,
    traces: traffic,
    log,
    random: Math.random,
  };
  const doors = doorsOf(config, address);
  const system = systemDeps(parts, { metrics, freshness, lifecycle, address, disk: limits.disk });
  const served = { inference, admin, audit, system, doors, managementLimiter, strangers };
  reactTo(plane, inFlight, health);
  return {
    ...shared,
    catchUp: () => freshness.catchUp(),
    jobs,
    searchServers: serverSearch({ config, upstream, deps: admin, log }),
    handle: handleOf(config, log, lifecycle, served),
    limits,
    address,
  };
}

/** Counts what ends beside the traces of it. */
function trafficOf({ records }: Parts) {
  const { store, shared, traces } = records;
  const traffic = new Traffic();
  const keeper = new TrafficKeeper({
    traffic,
    nodeId: shared?.nodeId ?? newId("node", clock.now()),
    commit: (writes) => store.commit(writes),
  });
  return {
    record(trace: RequestTrace): void {
      traffic.note(trace);
      traces.record(trace);
    },
    keep: () => keeper.keep(),
  };
}

function handleOf(
  { mode, corsOrigins: cors }: Config,
  log: Parts["log"],
  lifecycle: Lifecycle,
  served: RouteDeps,
): Handle {
  const serves = mode !== "worker";
  const router = new Router(serves ? routes(served) : probeRoutes(served));
  const { strangers, doors } = served;
  return handler({ clock, log, router, strangers, cors, doors, serves, lifecycle });
}

function doorsOf({ openAiHost }: Config, address: Gateway["address"]): Doors {
  const native = nativeDoor(scaigrid, () => `${address.url}/docs/errors`);
  const anthropic = anthropicDoorAt(anthropicDoor);
  return new Doors({ native, openai: openaiDoorAt(openaiDoor), anthropic, openAiHost });
}

function freshnessOf({ config, plane }: Parts): Freshness {
  const staleMs = config.staleAuthSeconds * 1000;
  return new Freshness({
    clock,
    catchUp: () => plane.catchUp(),
    rereadSession: (id) => plane.rereadSession(id),
    staleMs,
  });
}

/** What the gauges look at. */
interface Watched {
  readonly gate: ConcurrencyGate;
  readonly health: Health;
  readonly inFlight: InFlight;
  /** Not there yet when the metrics are made, but before anyone looks at them. */
  readonly limits: () => Limits;
  readonly drifts: () => number;
  readonly size: () => Pick<SizeCap, "bytes">;
}

function metricsOf(
  { plane, records, processes }: Parts,
  { gate, health, inFlight, limits, drifts, size }: Watched,
): Metrics {
  const metrics = new Metrics({
    isKnownModel: (slug) => plane.snapshot.modelBySlug(slug) !== undefined,
    backendInflight: () => gate.all(),
    backendHealth: () => healthOfAll(plane.snapshot, health),
    streamsOpen: () => inFlight.streams,
    readOn: () => limits().drains.open,
    journalPending: () => records.journal.pending(),
    // On SQLite a settlement is in the store at once.
    ...(records.store.engine === "postgres" && { accountingLagSeconds: () => records.lagMs() / 1000 }),
    ...(records.shared && { quarantinedRows: () => records.shared?.quarantined() ?? 0 }),
    accountingDrifts: drifts,
    storeUse: () => records.store.use,
    inFlight: () => limits().admission.inFlight,
    waiting: () => limits().admission.waiting,
    bodyBytes: () => limits().bodies.used,
    storeBytes: () => size().bytes ?? 0,
    diskFree: () => limits().disk.freeBytes ?? 0,
  });
  processes?.renderWith(() => metrics.render());
  return metrics;
}

/** What the process does about changes of the control plane, its own and other nodes'. */
function reactTo(plane: Parts["plane"], inFlight: InFlight, health: Health): void {
  plane.subscribe((delta) => cutWhoLostAccess(delta, inFlight));
  plane.subscribe((delta) => forgetHealth(delta, health, plane.snapshot));
}

/** Ends what a key, a user, a tenant or a partner that may no longer call still has in flight. */
function cutWhoLostAccess(delta: Delta, inFlight: InFlight): void {
  if (
    delta.kind !== "api_key" &&
    delta.kind !== "user" &&
    delta.kind !== "tenant" &&
    delta.kind !== "partner"
  ) {
    return;
  }
  if (delta.value?.status === "active") return;
  const { id } = delta;
  const reason = delta.kind === "tenant" || delta.kind === "partner" ? "tenant_suspended" : "key_revoked";
  inFlight.abortInTurns(reason, ({ payer }) => payer !== undefined && Object.values(payer).includes(id));
}

function upstreams(config: Config, gate: ConcurrencyGate) {
  const guard = new EgressGuard({ clock });
  const transport = { clock, guard, version: VERSION };
  const http = new HttpUpstream({
    ...transport,
    gate,
    policy: { allowPrivate: config.allowPrivateUpstreams },
  });
  // Callers say where this one goes, not operators.
  const media = new HttpUpstream({
    ...transport,
    gate: new ConcurrencyGate(),
    policy: { allowPrivate: config.allowPrivateMedia },
  });
  const pools = new PoolUpstream(http, clock);
  const sandbox = new SandboxUpstream({ clock, gate, tokenMs: config.sandboxTokenMs });
  return { upstream: new Upstreams({ http, pool: pools, sandbox }), pools, media };
}

/** What probes and people who look at the process ask. */
interface ProbedParts extends Pick<Gateway, "metrics" | "lifecycle" | "address"> {
  readonly freshness: Freshness;
  readonly disk: DiskReserve;
}

function systemDeps(
  { config, records, plane, console, processes }: Parts,
  { metrics, freshness, lifecycle, address, disk }: ProbedParts,
): SystemDeps {
  return {
    checks() {
      const journal = records.journal.healthy() ? "ok" : "failing";
      const stop = {
        ...(lifecycle.draining && { process: "stopping" }),
        ...(disk.state !== "ok" && { disk: disk.state }),
      };
      // With SQLite the store and the journal are one file: whether commits get through tells of both.
      if (records.store.engine === "sqlite") return { database: journal, journal, ...stop };
      return { database: freshness.reached ? "ok" : "unreachable", journal, ...stop };
    },
    // A blip of a store that nodes share must not take all of them out of service at once.
    accepting: () =>
      !lifecycle.draining &&
      !disk.isFull &&
      records.journal.healthy() &&
      (records.store.engine === "sqlite" || freshness.serves),
    metricsText: () => processes?.metrics() ?? metrics.render(),
    metricsToken: config.metricsToken,
    reference: new ApiReference({
      endpoints: [...INFERENCE, ...MANAGEMENT, ...PUBLIC, ...SYSTEM],
      version: VERSION,
      publicUrl: () => address.url,
    }),
    console,
    avatarOf: (modelId) => plane.snapshot.modelById(modelId)?.avatar,
  };
}
