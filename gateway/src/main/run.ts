import { systemClock as clock } from "../base/clock.ts";
import { within } from "../base/within.ts";
import { removeOperatorFile } from "../cli/operator-file.ts";
import type { Listening } from "../http/server.ts";
import type { DataFolder } from "../store/data-folder.ts";
import type { Gateway } from "./assemble.ts";
import { type JobParts, startJobs } from "./jobs.ts";
import type { Wishes } from "./signals.ts";

/** Milliseconds that calls which were told to end get to do so. */
const END_GRACE_MS = 3_000;
const SETTLE_RETRY_MS = 50;
/** How long connections in use get to hear that they end, and the process that takes this one's place to start. */
const HAND_OVER_MS = 2_000;
/** What is not booked by then, the next start books. */
const BOOK_REST_MS = 2_000;

/** A gateway that serves. */
export interface Serving extends JobParts {
  readonly folder: DataFolder;
  readonly signals: Wishes;
}

/** Runs the background jobs until a signal comes, then drains. Resolves when nothing is in flight any more. */
export async function run(serving: Serving): Promise<void> {
  const stopJobs = startJobs(serving);
  const stopFollowing = await followChanges(serving);
  const stopSearch = startSearch(serving);
  const onBug = (error: unknown): void =>
    serving.log.log("error", "bug", { reason: error instanceof Error ? error.stack : String(error) });
  process.on("unhandledRejection", onBug).on("uncaughtException", onBug);
  const signal = await Promise.race([serving.signals.next(), closedInAbsence(serving)]);
  await drain(serving, signal);
  await stopSearch();
  await stopFollowing();
  await stopJobs();
  await settleRest(serving);
  await bookRest(serving);
  removeOperatorFile(serving.folder.path, process.pid);
  serving.log.log("info", "stopped", { signal });
  if (signal === CLOSED) throw new NodeClosed();
}

/** What ends a process in place of a signal, when its node was closed while it was away. */
const CLOSED = "node closed";

/** Nothing is held for a closed node: it settles what it has in flight, and another start is a node of its own. */
export class NodeClosed extends Error {
  constructor() {
    super(
      "an operator has retired this node while the store did not hear of it: all that it had in flight is settled; start it again",
    );
    this.name = "NodeClosed";
  }
}

/** Resolves once the store says that this node is closed. */
async function closedInAbsence({ records, log }: Serving): Promise<string> {
  if (records.shared === undefined) return new Promise(() => undefined);
  await records.shared.closed;
  log.log("error", "node_retired", { node_id: records.shared.nodeId });
  return CLOSED;
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

/**
 * Nothing new is admitted; what is open ends by itself, or after the drain time with an error event. The port stays
 * open meanwhile: probes see that the node is not ready, callers get 503 rather than a refused connection.
 */
async function drain({ config, gateway, listening, signals, log }: Serving, signal: string): Promise<void> {
  const { inFlight, lifecycle } = gateway;
  const hurried = signals.next().then(() => false);
  if (signals.handsOver) await handOver(gateway, listening, hurried);
  lifecycle.draining = true;
  log.log("info", "draining", { signal, pending: inFlight.size });
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

/**
 * Where others serve on the same port: calls are answered as ever, each with the end of its connection, until hardly any
 * connection is left that another call could come on; then no more are accepted.
 */
async function handOver(
  { lifecycle }: Gateway,
  listening: Listening,
  hurried: Promise<unknown>,
): Promise<void> {
  lifecycle.leaving = true;
  await Promise.race([new Promise((resolve) => setTimeout(resolve, HAND_OVER_MS)), hurried]);
  // It resolves with the last connection: the drain waits for what is on them.
  void listening.stop();
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

/** What has settled in the last moments is only in the journal, and is booked from the store. */
async function bookRest({ records, gateway, log }: Serving): Promise<void> {
  const late = (): Error => new Error(`no end of it within ${BOOK_REST_MS} ms`);
  const booked = records.committed().then(() => gateway.jobs.bookAllUsage());
  await within(BOOK_REST_MS, booked, late).catch((error: unknown) => {
    log.log("warn", "job_failed", { action: "booking", reason: String(error) });
  });
}
