import { systemClock as clock } from "../base/clock.ts";
import { removeOperatorFile } from "../cli/operator-file.ts";
import type { Config } from "../config/config.ts";
import type { Listening } from "../http/server.ts";
import { every } from "../jobs/every.ts";
import type { SqliteRecords } from "../journal/open.ts";
import type { DataFolder } from "../store/data-folder.ts";
import { EventLoopLag } from "../telemetry/event-loop-lag.ts";
import type { Logger } from "../telemetry/logs.ts";
import type { Gateway } from "./assemble.ts";

/** A little under the second of a stream that a crash may cost. */
const CHECKPOINT_MS = 800;
const PROBE_MS = 1_000;
const ACTIVITY_MS = 30_000;
/** Rows of one commit: a few milliseconds of the event loop. */
const ACTIVITY_WRITES = 200;
const SWEEP_MS = 1_000;
const SWEEP_ENTRIES = 2_000;
const LAG_SAMPLE_MS = 500;
/** Milliseconds that calls which were told to end get to do so. */
const END_GRACE_MS = 3_000;

/** A gateway that serves. */
export interface Serving {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly records: SqliteRecords;
  readonly gateway: Gateway;
  readonly listening: Listening;
  readonly log: Logger;
}

/** Runs the background jobs until a signal comes, then drains. Resolves when nothing is in flight any more. */
export async function run(serving: Serving): Promise<void> {
  const stopJobs = startJobs(serving);
  const onBug = (error: unknown): void =>
    serving.log.log("error", "bug", { reason: error instanceof Error ? error.stack : String(error) });
  process.on("unhandledRejection", onBug).on("uncaughtException", onBug);
  const signals = new Signals();
  const signal = await signals.next();
  await drain(serving, signal, signals);
  await stopJobs();
  removeOperatorFile(serving.folder.path);
  serving.log.log("info", "stopped", { signal });
}

function startJobs({ records, gateway, log }: Serving): () => Promise<void> {
  const failed = (name: string) => (error: unknown) =>
    log.log("error", "job_failed", { action: name, reason: String(error) });
  const stops = [
    every(CHECKPOINT_MS, () => records.journal.checkpoint(gateway.inFlight.progress()), failed("checkpoint")),
    // A node that is not ready gets no requests to find out with that its disk is back.
    every(
      PROBE_MS,
      async () => {
        if (!records.journal.healthy()) await records.journal.probe();
      },
      failed("journal probe"),
    ),
    every(
      ACTIVITY_MS,
      async () => {
        const writes = gateway.activity.takeWrites();
        for (let i = 0; i < writes.length; i += ACTIVITY_WRITES) {
          await records.store.commit(writes.slice(i, i + ACTIVITY_WRITES));
        }
      },
      failed("activity"),
    ),
    every(
      SWEEP_MS,
      async () => {
        for (const limiter of gateway.limiters) limiter.sweep(clock.monotonic(), SWEEP_ENTRIES);
      },
      failed("sweep"),
    ),
  ];
  const lag = new EventLoopLag({
    intervalMs: LAG_SAMPLE_MS,
    monotonic: () => clock.monotonic(),
    every: (intervalMs, tick) => {
      const timer = setInterval(tick, intervalMs);
      return () => clearInterval(timer);
    },
    observe: (seconds) => gateway.metrics.eventLoopLagged(seconds),
  });
  return async () => {
    lag.stop();
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** Nothing new is admitted; what is open ends by itself, or after the drain time with an error event. */
async function drain(
  { config, gateway, listening, log }: Serving,
  signal: string,
  signals: Signals,
): Promise<void> {
  const { inFlight, lifecycle } = gateway;
  lifecycle.draining = true;
  log.log("info", "draining", { signal, pending: inFlight.size });
  const stopped = listening.stop();
  const hurried = signals.next().then(() => false);
  const drained = await Promise.race([inFlight.drained(config.drainSeconds * 1000), hurried]);
  if (!drained) {
    const count = inFlight.abort("shutting_down");
    log.log("warn", "drain_cut_short", { count });
    await inFlight.drained(END_GRACE_MS);
  }
  // Answers that are settled may still be on their way down; idle keep-alive connections hold nothing.
  await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, drained ? 250 : 0))]);
  await listening.cut();
  await inFlight.drained(END_GRACE_MS);
}

/** A terminal's Ctrl+C reaches us twice under npm, which passes on what we have had already: one wish, not two. */
const SAME_WISH_MS = 500;

/** The signals that end the process, one after the other. */
class Signals {
  #lastMs = Number.NEGATIVE_INFINITY;
  readonly #waiting: ((signal: string) => void)[] = [];
  readonly #come: string[] = [];

  constructor() {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      process.on(signal, () => {
        const nowMs = clock.monotonic();
        if (nowMs - this.#lastMs < SAME_WISH_MS) return;
        this.#lastMs = nowMs;
        const wake = this.#waiting.shift();
        if (wake) wake(signal);
        else this.#come.push(signal);
      });
    }
  }

  next(): Promise<string> {
    const come = this.#come.shift();
    if (come !== undefined) return Promise.resolve(come);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
