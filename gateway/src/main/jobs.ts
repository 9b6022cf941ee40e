import { hostname } from "node:os";
import { systemClock as clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import type { Listening } from "../http/server.ts";
import { type ActivityDeps, keepActivity } from "../jobs/activity.ts";
import { every, type JobReport } from "../jobs/every.ts";
import { tellLostNodes } from "../jobs/lost-nodes.ts";
import { DiskWatch } from "../jobs/watch-disk.ts";
import { tellResets } from "../jobs/tell-resets.ts";
import type { Records } from "../journal/records.ts";
import type { Logger } from "../telemetry/logs.ts";
import type { Gateway } from "./assemble.ts";
import { freeBytes } from "./free-disk.ts";
import { watchLoad } from "./watch-load.ts";

/** Half of the second of a stream that a crash may cost: a busy machine may run late by the other half. */
const CHECKPOINT_MS = 500;
const PROBE_MS = 1_000;
/** A change is applied with its commit; one whose application failed must not wait for the next change. */
const CATCH_UP_MS = 1_000;
const ACTIVITY_MS = 30_000;
const RATIOS_MS = 30_000;
const TRAFFIC_MS = 15_000;
/** A look at its modification time. */
const CONFIG_FILE_MS = 1_000;
/** Journals of processes that have died while this one runs. */
const ADOPT_MS = 10_000;
const BUDGETS_MS = 1_000;
const BOOKING_MS = 1_000;
/** Some milliseconds of a thread that reads. */
const RECONCILE_MS = 5_000;
/** A look at what is in memory: budgets that block take no requests until a store that has begun anew is told. */
const REASSERT_MS = 250;
const LOST_NODES_MS = 5_000;
const RESETS_MS = 5_000;
const SESSIONS_MS = 600_000;
const REFUSALS_MS = 1_000;
const EVENTS_MS = 600_000;
/** Between what is seen of a backend and its event. */
const NEWS_MS = 1_000;
/** A look at what is in memory, while none is due. */
const PROBES_MS = 1_000;
const SEAL_MS = 2_000;
/** Servers of pools: one that is back is found soon, and asked as often for nothing. */
const POOLS_MS = 5_000;
/** Of one that a process that has died left: nobody waits for it. */
const ROTATION_MS = 2_000;
const LIMITS_MS = 1_000;
const DISK_MS = 1_000;
/** Some pages of the store. */
const SIZE_MS = 5_000;
const SWEEP_MS = 1_000;
const SWEEP_ENTRIES = 2_000;

/** Tells of the first failure of a row of them, of each other kind, and of the end of the row. */
function reportOf(name: string, log: Logger): JobReport {
  let said: string | undefined;
  return {
    failed(error) {
      const reason = String(error);
      if (reason !== said) log.log("error", "job_failed", { action: name, reason });
      said = reason;
    },
    worked() {
      if (said !== undefined) log.log("info", "job_works_again", { action: name });
      said = undefined;
    },
  };
}

/** What the jobs of a process work with. */
export interface JobParts {
  readonly config: Config;
  readonly records: Records;
  readonly gateway: Gateway;
  readonly listening: Listening;
  readonly log: Logger;
  /** Settles what processes that have died left in the data folder. */
  readonly recoverLeft: () => Promise<void>;
}

type StopJob = () => Promise<void>;
type ReportOf = (name: string) => JobReport;

/** Starts what has to be done again and again. The returned function ends it, and does what must not wait. */
export function startJobs(parts: JobParts): StopJob {
  const { records, gateway, log } = parts;
  const report: ReportOf = (name) => reportOf(name, log);
  const [activity, refusals, sealing] = [report("activity"), report("refusals"), report("audit sealing")];
  const lastUses: ActivityDeps = {
    activity: gateway.activity,
    commit: (writes) => records.store.commit(writes),
  };
  const [ratios, excesses, traffic] = [report("token ratios"), report("exceeded bounds"), report("traffic")];
  const keepRatios = (): Promise<void> =>
    gateway.money.keepRatios().catch((error: unknown) => ratios.failed(error));
  // Recalls what was known before: until then the usual ratio is good enough.
  const recalled = keepRatios();
  const stops = [
    ...nodeJobs(parts, report),
    ...clusterJobs(parts, sealing, report),
    every(ACTIVITY_MS, () => keepActivity(lastUses), activity),
    every(RATIOS_MS, gateway.money.keepRatios, ratios),
    every(TRAFFIC_MS, gateway.jobs.keepTraffic, traffic),
    every(NEWS_MS, gateway.money.tellExcesses, excesses),
    every(REFUSALS_MS, () => gateway.jobs.writeRefusals(), refusals),
  ];
  return async () => {
    gateway.jobs.stopAsking();
    await Promise.all(stops.map((stop) => stop()));
    // Of the last use before a stop nobody would know otherwise.
    await keepActivity(lastUses).catch((error: unknown) => activity.failed(error));
    await gateway.jobs.keepTraffic().catch((error: unknown) => traffic.failed(error));
    await recalled.then(keepRatios);
    await gateway.money.tellExcesses().catch((error: unknown) => excesses.failed(error));
    await gateway.jobs.writeRefusals(true).catch((error: unknown) => refusals.failed(error));
    if (records.onDuty()) await gateway.jobs.sealAudit().catch((error: unknown) => sealing.failed(error));
  };
}

/** What every process has to do, because it is about its own memory, its own journal or its own folder. */
function nodeJobs(
  { config, records, gateway, listening, log, recoverLeft }: JobParts,
  report: ReportOf,
): StopJob[] {
  const disk = new DiskWatch({
    clock,
    log,
    disk: gateway.limits.disk,
    freeBytes: () => freeBytes(config.dataDir),
    commit: (writes) => records.store.commit(writes),
    about: { host: hostname(), ...(records.shared && { node_id: records.shared.nodeId }) },
  });
  return [
    ...records.upkeep.map((job) => every(job.everyMs, () => job.run(), report(job.name))),
    ...(records.store.engine === "postgres" ? [every(ADOPT_MS, recoverLeft, report("recovery"))] : []),
    every(CHECKPOINT_MS, () => checkpoint(records, gateway), report("checkpoint")),
    // A node that is not ready gets no requests to find out with that its disk is back.
    every(
      PROBE_MS,
      async () => {
        if (!records.journal.healthy()) await records.journal.probe();
      },
      report("journal probe"),
    ),
    every(CATCH_UP_MS, gateway.catchUp, report("catch up")),
    ...moneyJobs(gateway, report),
    every(PROBES_MS, gateway.jobs.probeBackends, report("paid probes")),
    every(CONFIG_FILE_MS, gateway.jobs.lookAtConfigFile, report("configuration file")),
    ...(config.mode === "worker" ? [] : servingJobs(config, gateway, report)),
    every(ROTATION_MS, gateway.jobs.rotateSecretKey, report("secret key rotation")),
    every(
      SWEEP_MS,
      async () => {
        for (const limiter of gateway.limits.limiters) limiter.sweep(clock.monotonic(), SWEEP_ENTRIES);
      },
      report("sweep"),
    ),
    watchLoad(gateway, listening, log, report("load")),
    every(DISK_MS, () => disk.look(), report("disk")),
    every(SIZE_MS, () => gateway.jobs.sizeCap.run(), report("store size")),
  ];
}

/**
 * What is done for the whole installation: on the node that is on duty, so that nodes do not do the same at once.
 * Each of them is safe all the same where a duty passes on in the middle of it.
 */
function clusterJobs(parts: JobParts, sealing: JobReport, report: ReportOf): StopJob[] {
  const { records, gateway } = parts;
  const onDuty = (job: () => Promise<void>) => async (): Promise<void> => {
    if (records.onDuty()) await job();
  };
  const { jobs, money } = gateway;
  const { store } = records;
  const commit: typeof store.commit = (writes) => store.commit(writes);
  const resets = { clock, read: store.control, commit };
  return [
    every(SEAL_MS, onDuty(jobs.sealAudit), sealing),
    every(BOOKING_MS, onDuty(jobs.bookUsage), report("booking")),
    every(
      RECONCILE_MS,
      () => (records.onDuty() ? jobs.reconciler.run() : jobs.reconciler.look()),
      report("reconciliation"),
    ),
    every(SESSIONS_MS, onDuty(jobs.endOldSessions), report("sessions")),
    every(
      SESSIONS_MS,
      onDuty(() => money.idempotency.forget()),
      report("old idempotency keys"),
    ),
    every(EVENTS_MS, onDuty(jobs.deleteOldEvents), report("events")),
    every(
      RESETS_MS,
      onDuty(() => tellResets(resets)),
      report("budget resets"),
    ),
    every(EVENTS_MS, onDuty(jobs.deleteOldRecords), report("retention")),
    ...(records.shared === undefined ? [] : [lostNodes(parts, onDuty, report("lost nodes"))]),
  ];
}

/** Not before this process has looked for a while: after an outage of the store every other seems to be lost. */
function lostNodes(
  { records, log }: JobParts,
  onDuty: (job: () => Promise<void>) => () => Promise<void>,
  report: JobReport,
): StopJob {
  const { store } = records;
  const deps = {
    clock,
    read: store.control,
    commit: (writes: Parameters<typeof store.commit>[0]) => store.commit(writes),
    log,
  };
  let lastFailedMs = clock.monotonic();
  const told = onDuty(async () => {
    if (records.lagMs() > LOST_NODES_MS) lastFailedMs = clock.monotonic();
    if (clock.monotonic() - lastFailedMs > LOST_NODES_MS) await tellLostNodes(deps);
  });
  return every(LOST_NODES_MS, told, report);
}

/** What serving needs: to share limits with other nodes, to call providers and to tell what was seen of them. */
function servingJobs({ healthCheckSeconds }: Config, { jobs, limits }: Gateway, report: ReportOf): StopJob[] {
  const always = [
    every(LIMITS_MS, limits.rebalance, report("shares of limits")),
    every(POOLS_MS, jobs.lookAtPools, report("pools")),
    every(NEWS_MS, jobs.tellBackends, report("backend events")),
  ];
  if (healthCheckSeconds === 0) return always;
  return [...always, every(healthCheckSeconds * 1000, jobs.checkHealth, report("health checks"))];
}

function moneyJobs({ money }: Gateway, report: ReportOf): StopJob[] {
  return [
    every(BUDGETS_MS, money.arm, report("budgets")),
    every(BUDGETS_MS, money.tell, report("budget events")),
    every(BUDGETS_MS, money.tidy, report("budget holds")),
    every(REASSERT_MS, money.reassert, report("budget holds told anew")),
    every(BUDGETS_MS, () => money.idempotency.catchUp(), report("idempotency keys")),
  ];
}

async function checkpoint({ journal }: Records, { inFlight, unsettled, money }: Gateway): Promise<void> {
  // First, so that no checkpoint forgets a stream that has ended and is not settled yet.
  await unsettled.retry(money.journal);
  await journal.checkpoint(inFlight.progress());
}
