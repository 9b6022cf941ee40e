import { systemClock as clock } from "../base/clock.ts";
import { removeOperatorFile } from "../cli/operator-file.ts";
import type { Config } from "../config/config.ts";
import type { Listening } from "../http/server.ts";
import { type ActivityDeps, keepActivity } from "../jobs/activity.ts";
import { every, type JobReport } from "../jobs/every.ts";
import type { Records } from "../journal/records.ts";
import type { DataFolder } from "../store/data-folder.ts";
import type { Logger } from "../telemetry/logs.ts";
import type { Gateway } from "./assemble.ts";
import type { Signals } from "./signals.ts";
import { watchLoad } from "./watch-load.ts";

/** Half of the second of a stream that a crash may cost: a busy machine may run late by the other half. */
const CHECKPOINT_MS = 500;
const PROBE_MS = 1_000;
/** A change is applied with its commit; one whose application failed must not wait for the next change. */
const CATCH_UP_MS = 1_000;
const ACTIVITY_MS = 30_000;
/** A look at its modification time. */
const CONFIG_FILE_MS = 1_000;
/** Journals of processes that have died while this one runs. */
const ADOPT_MS = 10_000;
const BUDGETS_MS = 1_000;
const SESSIONS_MS = 600_000;
const REFUSALS_MS = 1_000;
const EVENTS_MS = 600_000;
const SEAL_MS = 2_000;
/** Servers of pools: one that is back is found soon, and asked as often for nothing. */
const POOLS_MS = 5_000;
/** Of one that a process that has died left: nobody waits for it. */
const ROTATION_MS = 2_000;
const SWEEP_MS = 1_000;
const SWEEP_ENTRIES = 2_000;
/** Milliseconds that calls which were told to end get to do so. */
const END_GRACE_MS = 3_000;
const SETTLE_RETRY_MS = 50;

/** A gateway that serves. */
export interface Serving {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly records: Records;
  readonly gateway: Gateway;
  readonly listening: Listening;
  readonly signals: Signals;
  readonly log: Logger;
  /** Settles what processes that have died left in the data folder. */
  readonly recoverLeft: () => Promise<void>;
}

/** Runs the background jobs until a signal comes, then drains. Resolves when nothing is in flight any more. */
export async function run(serving: Serving): Promise<void> {
  const stopJobs = startJobs(serving);
  const stopFollowing = await followChanges(serving);
  const stopSearch = startSearch(serving);
  const onBug = (error: unknown): void =>
    serving.log.log("error", "bug", { reason: error instanceof Error ? error.stack : String(error) });
  process.on("unhandledRejection", onBug).on("uncaughtException", onBug);
  const signal = await serving.signals.next();
  await drain(serving, signal);
  await stopSearch();
  await stopFollowing();
  await stopJobs();
  await settleRest(serving);
  removeOperatorFile(serving.folder.path);
  serving.log.log("info", "stopped", { signal });
}

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

function startJobs({ config, records, gateway, listening, log, recoverLeft }: Serving): () => Promise<void> {
  const failed = (name: string): JobReport => reportOf(name, log);
  const activity = failed("activity");
  const lastUses: ActivityDeps = {
    activity: gateway.activity,
    commit: (writes) => records.store.commit(writes),
  };
  const refusals = failed("refusals");
  const sealing = failed("audit sealing");
  const stops = [
    ...records.upkeep.map((job) => every(job.everyMs, () => job.run(), failed(job.name))),
    ...(records.store.engine === "postgres" ? [every(ADOPT_MS, recoverLeft, failed("recovery"))] : []),
    every(CHECKPOINT_MS, () => checkpoint(records, gateway), failed("checkpoint")),
    // A node that is not ready gets no requests to find out with that its disk is back.
    every(
      PROBE_MS,
      async () => {
        if (!records.journal.healthy()) await records.journal.probe();
      },
      failed("journal probe"),
    ),
    every(CATCH_UP_MS, gateway.catchUp, failed("catch up")),
    every(ACTIVITY_MS, () => keepActivity(lastUses), activity),
    ...moneyJobs(gateway, failed),
    every(SESSIONS_MS, gateway.jobs.endOldSessions, failed("sessions")),
    every(EVENTS_MS, gateway.jobs.deleteOldEvents, failed("events")),
    every(SEAL_MS, gateway.jobs.sealAudit, sealing),
    every(CONFIG_FILE_MS, gateway.jobs.lookAtConfigFile, failed("configuration file")),
    ...outward(config, gateway, failed),
    every(ROTATION_MS, gateway.jobs.rotateSecretKey, failed("secret key rotation")),
    every(REFUSALS_MS, () => gateway.jobs.writeRefusals(), refusals),
    every(
      SWEEP_MS,
      async () => {
        for (const limiter of gateway.limiters) limiter.sweep(clock.monotonic(), SWEEP_ENTRIES);
      },
      failed("sweep"),
    ),
  ];
  stops.push(watchLoad(gateway, listening, log, failed("load")));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
    // Of the last use before a stop nobody would know otherwise.
    await keepActivity(lastUses).catch((error: unknown) => activity.failed(error));
    await gateway.jobs.writeRefusals(true).catch((error: unknown) => refusals.failed(error));
    await gateway.jobs.sealAudit().catch((error: unknown) => sealing.failed(error));
  };
}

/** The jobs that call providers. */
function outward(
  { healthCheckSeconds }: Config,
  { jobs }: Gateway,
  report: (name: string) => JobReport,
): (() => Promise<void>)[] {
  const pools = every(POOLS_MS, jobs.lookAtPools, report("pools"));
  if (healthCheckSeconds === 0) return [pools];
  return [pools, every(healthCheckSeconds * 1000, jobs.checkHealth, report("health checks"))];
}

function moneyJobs({ money }: Gateway, failed: (name: string) => JobReport): (() => Promise<void>)[] {
  return [
    every(BUDGETS_MS, money.arm, failed("budgets")),
    every(BUDGETS_MS, money.tell, failed("budget events")),
    every(BUDGETS_MS, money.tidy, failed("budget holds")),
    every(BUDGETS_MS, () => money.idempotency.catchUp(), failed("idempotency keys")),
    every(SESSIONS_MS, () => money.idempotency.forget(), failed("old idempotency keys")),
  ];
}

/**
 * Applies what other nodes change as soon as it is announced. The job that asks every second makes up for every
 * announcement that is not heard.
 */
function followChanges({ records, gateway }: Serving): Promise<() => Promise<void>> {
  return records.follow(() => {
    // A failure is the job's to tell of.
    gateway.catchUp().catch(() => undefined);
  });
}

/** Looks for model servers nearby, now that nobody waits for it any more. */
function startSearch({ gateway, log }: Serving): () => Promise<void> {
  const controller = new AbortController();
  const search = gateway.searchServers(controller).catch((error: unknown) => {
    if (!controller.signal.aborted) log.log("error", "offers_failed", { reason: String(error) });
  });
  return () => {
    controller.abort(new DOMException("the gateway stops", "AbortError"));
    return search;
  };
}

async function checkpoint({ journal }: Records, { inFlight, unsettled, money }: Gateway): Promise<void> {
  // First, so that no checkpoint forgets a stream that has ended and is not settled yet.
  await unsettled.retry(money.journal);
  await journal.checkpoint(inFlight.progress());
}

/**
 * Nothing new is admitted; what is open ends by itself, or after the drain time with an error event. The port stays
 * open meanwhile: probes see that the node is not ready, callers get 503 rather than a refused connection.
 */
async function drain({ config, gateway, listening, signals, log }: Serving, signal: string): Promise<void> {
  const { inFlight, lifecycle } = gateway;
  lifecycle.draining = true;
  log.log("info", "draining", { signal, pending: inFlight.size });
  const hurried = signals.next().then(() => false);
  const drained = await Promise.race([inFlight.drained(config.drainSeconds * 1000), hurried]);
  if (!drained) {
    const count = inFlight.abort("shutting_down");
    log.log("warn", "drain_cut_short", { count });
    await inFlight.drained(END_GRACE_MS);
  }
  const stopped = listening.stop();
  // Answers that are settled may still be on their way down; idle keep-alive connections hold nothing.
  await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, drained ? 250 : 0))]);
  await listening.cut();
  await inFlight.drained(END_GRACE_MS);
}

/** Offers what the journal has refused so far a few more times; the rest is for the recovery of the next start. */
async function settleRest({ gateway, log }: Serving): Promise<void> {
  const endMs = clock.monotonic() + END_GRACE_MS;
  while (gateway.unsettled.size > 0) {
    try {
      await gateway.unsettled.retry(gateway.money.journal);
    } catch (error) {
      if (clock.monotonic() > endMs) {
        const count = gateway.unsettled.size;
        log.log("error", "unsettled_at_stop", { count, reason: String(error) });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, SETTLE_RETRY_MS));
    }
  }
}
