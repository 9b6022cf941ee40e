import type { AuditDeps } from "../admin/audit/audited-call.ts";
import { RefusalTally } from "../admin/audit/refusal-tally.ts";
import { Passwords } from "../admin/auth/passwords.ts";
import type { AdminDeps } from "../admin/deps.ts";
import { systemClock as clock } from "../base/clock.ts";
import { referenceReader } from "../config/references.ts";
import type { Reconciler } from "../jobs/reconcile.ts";
import { compactChanges } from "../jobs/compact-changes.ts";
import { deleteOldTraffic } from "../jobs/keep-traffic.ts";
import { deleteOldRecords, type RetentionDeps } from "../jobs/retention.ts";
import { deleteOldEvents } from "../jobs/old-events.ts";
import { endOldSessions } from "../jobs/old-sessions.ts";
import { checkHealth } from "../jobs/health-checks.ts";
import { PaidProbes, type PaidProbesDeps } from "../jobs/paid-probes.ts";
import { SizeCap } from "../jobs/size-cap.ts";
import { lookAtPools } from "../jobs/pools.ts";
import { BackendTeller } from "../jobs/tell-backends.ts";
import { writeRefusals } from "../jobs/refusals.ts";
import { PriceCatalogue } from "../providers/price-catalogue.ts";
import { sealAudit } from "../jobs/seal-audit.ts";
import { RateLimiter } from "../limits/limiter.ts";
import type { Activity } from "../snapshot/activity.ts";
import type { Freshness } from "../snapshot/freshness.ts";
import type { PoolUpstream } from "../upstream/pool/pool-upstream.ts";
import type { Payer } from "../core/accounting.ts";
import type { Budget } from "../core/budget.ts";
import type { Gateway } from "./assemble.ts";
import { bookerOf, reconcilerOf } from "./ledger.ts";
import type { Money } from "./money.ts";
import type { Write } from "../store/write.ts";
import { dialectsByName } from "./routing.ts";
import type { Parts } from "./parts.ts";

/** Of a rotation of the secret key that a job goes on with: it comes again. */
const ROTATION_MS = 10_000;

/** What management leaves to be done in the background. */
export interface ManagementJobs {
  /** Compares the accounts with one another. */
  readonly reconciler: Reconciler;
  /** Books what is due of what has settled. */
  readonly bookUsage: () => Promise<void>;
  /** Books all that has settled. */
  readonly bookAllUsage: () => Promise<void>;
  /** Deletes browser sessions whose time is over. */
  readonly endOldSessions: () => Promise<void>;
  /** Deletes traces, single settled requests and counts by minute whose time is over, and what the change log need not say. */
  readonly deleteOldRecords: () => Promise<void>;
  /** Writes what has ended here so far, counted by minute. */
  readonly keepTraffic: () => Promise<void>;
  /** Deletes events that nobody will be told of any more. */
  readonly deleteOldEvents: () => Promise<void>;
  /** Goes on with a rotation of the secret key that has not come to its end. */
  readonly rotateSecretKey: () => Promise<void>;
  /** Takes the configuration file over if it has changed. */
  readonly lookAtConfigFile: () => Promise<void>;
  /** Seals the audit entries of the last seconds into the chain. */
  readonly sealAudit: () => Promise<void>;
  /** Tells of backends and providers whose health has changed. */
  readonly tellBackends: () => Promise<void>;
  /** Asks the providers in use whether they answer. */
  readonly checkHealth: () => Promise<void>;
  /** Keeps the store below its size. */
  readonly sizeCap: SizeCap;
  /** Sends the requests that backends may be probed with at a cost. */
  readonly probeBackends: () => Promise<void>;
  /** Cuts off what is asked of providers in the background, for good. */
  readonly stopAsking: () => void;
  /** Looks at the nodes of every pool. */
  readonly lookAtPools: () => Promise<void>;
  /** Writes the audit entries of refusals that share one; all of them with `last`. */
  readonly writeRefusals: (last?: boolean) => Promise<void>;
}

/** What management endpoints work with. */
export interface Management {
  readonly admin: AdminDeps;
  readonly audit: AuditDeps;
  readonly jobs: ManagementJobs;
}

/** Constructs what management endpoints and their jobs work with. */
export function management(
  parts: Parts,
  activity: Activity,
  freshness: Freshness,
  address: { readonly url: string; readonly port: number },
  outside: Pick<AdminDeps, "upstream" | "routes" | "health" | "backendCalls" | "node" | "keepTraffic"> & {
    readonly pools: PoolUpstream;
    readonly unsettled: Gateway["unsettled"];
  },
  { book, arm, journal }: Pick<Money, "book" | "arm" | "journal">,
): Management {
  const budgets = {
    over: (payer: Payer) => book.over(payer),
    standings: (all: readonly Budget[]) => book.standings(all),
    arm,
  };
  const booker = bookerOf(parts);
  const bookUsage = () => booker.all();
  const admin = { ...adminDeps(parts, activity, freshness, address), ...outside, budgets, bookUsage };
  const audit = auditDeps(parts, freshness);
  const { store, shared } = parts.records;
  const ofStore = { commit: (writes: readonly Write[]) => store.commit(writes) };
  const teller = new BackendTeller({ ...admin, ...ofStore, ...(shared && { shared }) });
  const asking = new AbortController();
  const stopping = asking.signal;
  const probes = probesOf(parts, { ...admin, ...outside, journal, stopping });
  return {
    admin,
    audit,
    jobs: {
      reconciler: reconcilerOf(parts, budgets),
      bookUsage: () => booker.run(),
      bookAllUsage: bookUsage,
      endOldSessions: () => endOldSessions(admin),
      deleteOldEvents: () => deleteOldEvents({ ...admin, config: parts.config }),
      deleteOldRecords: () => deleteOld({ ...admin, ...ofStore, days: parts.config }),
      keepTraffic: outside.keepTraffic,
      rotateSecretKey: () => parts.rotation.goOn(ROTATION_MS),
      lookAtConfigFile: async () => parts.configFile?.look(),
      sealAudit: () => sealAudit({ read: store.control, ...ofStore }),
      writeRefusals: (last) => writeRefusals(audit, last),
      tellBackends: () => teller.run(),
      checkHealth: () => checkHealth({ ...admin, stopping }),
      probeBackends: () => probes.run(),
      stopAsking: () => asking.abort(new DOMException("the gateway stops", "AbortError")),
      sizeCap: sizeCapOf(parts),
      lookAtPools: () => lookAtPools(outside.pools, admin.snapshot),
    },
  };
}

function sizeCapOf({ config, records, log }: Parts): SizeCap {
  const { store } = records;
  const commit = (writes: readonly Write[]) => store.commit(writes);
  return new SizeCap({
    clock,
    store: { read: store.read, engine: store.engine, commit },
    maxBytes: config.storeMaxMb * 1_000_000,
    isOnDuty: () => records.onDuty(),
    log,
  });
}

/** What probes backends at a cost. */
function probesOf(
  { records, log }: Parts,
  deps: Omit<PaidProbesDeps, "dialects" | "isOnDuty" | "isShared" | "log">,
): PaidProbes {
  return new PaidProbes({
    ...deps,
    dialects: dialectsByName(),
    isOnDuty: () => records.onDuty(),
    isShared: records.store.engine === "postgres",
    log,
  });
}

async function deleteOld(deps: RetentionDeps): Promise<void> {
  await deleteOldRecords(deps);
  await deleteOldTraffic(deps);
  await compactChanges(deps);
}

/** The price catalogue, read once, and only when somebody asks for it. */
function shippedCatalogue(): AdminDeps["catalogue"] {
  let reading: Promise<PriceCatalogue> | undefined;
  return () => (reading ??= PriceCatalogue.shipped());
}

function adminDeps(
  { config, records, plane, ring, rotation, configFile }: Parts,
  activity: Activity,
  freshness: Freshness,
  address: { readonly url: string; readonly port: number },
): Omit<
  AdminDeps,
  | "upstream"
  | "pools"
  | "routes"
  | "health"
  | "backendCalls"
  | "budgets"
  | "node"
  | "bookUsage"
  | "keepTraffic"
> {
  return {
    // Where no other node writes, memory is always right, and nobody has to ask the store.
    ...(records.store.engine === "postgres" && { freshness }),
    clock,
    config,
    snapshot: plane.snapshot,
    activity,
    read: records.store.read,
    async commit(writes) {
      await records.store.commit(writes);
      await freshness.catchUp();
    },
    place: {
      publicUrl: () => address.url,
      port: () => address.port,
      insecureCookies: config.insecureCookies,
    },
    configFile,
    passwords: new Passwords(),
    attempts: new RateLimiter(),
    catalogue: shippedCatalogue(),
    readReference: referenceReader(config.dataDir),
    seal: (plain, rowId) => ring.seal(plain, rowId),
    rotation,
    traces: records.traces,
    usageAsOf: () => records.usageAsOf(),
    random: Math.random,
  };
}

function auditDeps({ records, plane, log }: Parts, freshness: Freshness): AuditDeps {
  return {
    clock,
    snapshot: plane.snapshot,
    commit: (writes, conclude) => records.store.commit(writes, conclude),
    catchUp: () => freshness.catchUp(),
    appliedSeq: () => plane.seq,
    refusals: new RefusalTally(),
    log,
  };
}
