import { closeSync, fdatasyncSync, openSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import { openForWriting, type SqliteConnection } from "./connection.ts";

/**
 * Positions in the shared array: the writer counts commits and asks the thread to end; the thread asks for calm, and
 * says whether it waits for a commit: waking one that is at work cost each commit 2 µs.
 */
export const COMMITS = 0;
export const STOP = 1;
export const CALM = 2;
export const ASLEEP = 3;
export const CELLS = 4;

/** The longest a commit waits for its sync to disk: what a power cut can take. */
const SYNC_INTERVAL_MS = 50;
const CHECKPOINT_INTERVAL_MS = 500;
/** Pages of a log (16 MiB) that is worth more passes, so that the writer can start it anew. */
const LOG_PAGES_HIGH = 4_096n;
const PASSES_MAX = 64;
/** Pages of a log (64 MiB) for which the writer is asked to wait a moment, after passes that left little to move. */
const LOG_PAGES_MAX = 16_384n;
const PASSES_BEFORE_CALM = 3;

export interface CheckpointStart {
  readonly path: string;
  /** Whether each commit is synced at once, and whoever waits for that is told. */
  readonly isStrict: boolean;
  readonly cells: Int32Array;
}

/** What the thread reports back. */
export type CheckpointReply =
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "stopped" }
  /** The number of the last commit that is on the disk, or why the sync failed. */
  | { readonly kind: "synced"; readonly commits: number; readonly failure?: string };

interface Task {
  readonly connection: SqliteConnection;
  readonly cells: Int32Array;
  readonly report: (reply: CheckpointReply) => void;
}

/** What went wrong, if anything did. */
function attempt(task: Task, work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    task.report({ kind: "failed", message });
    return message;
  }
}

/**
 * Moves what is committed into the database file. Passive: it never makes the writer or a reader wait. The writer
 * starts the log anew only when its next commit finds all of it moved, so a pass during which commits came in is
 * followed by a shorter one, until none did. Under a load with no gap for that, it asks for one.
 */
function checkpoint(task: Task): void {
  try {
    runPasses(task);
  } finally {
    Atomics.store(task.cells, CALM, 0);
  }
}

function runPasses(task: Task): void {
  const statement = task.connection.statement("pragma wal_checkpoint(passive)");
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const before = Atomics.load(task.cells, COMMITS);
    const pages = statement.all([])[0]?.["log"];
    const caughtUp = Atomics.load(task.cells, COMMITS) === before;
    if (caughtUp || typeof pages !== "bigint" || pages < LOG_PAGES_HIGH) return;
    if (pages > LOG_PAGES_MAX && pass >= PASSES_BEFORE_CALM) Atomics.store(task.cells, CALM, 1);
  }
}

/**
 * The life of the checkpoint thread: asleep while there are no commits; then a sync of the log at most every
 * 50 ms (where it is strict, at once) and a checkpoint at most every 500 ms. Returns when STOP is set, after a last sync.
 * (Opening the `-wal` file is safe; SQLite's locks are on the other two, and closing those here would drop them.)
 */
export function checkpointThread(
  { path, cells, isStrict }: CheckpointStart,
  clock: Clock,
  report: (reply: CheckpointReply) => void,
): void {
  const task: Task = { connection: openForWriting(path), cells, report };
  const log = openSync(`${path}-wal`, "r");
  let synced = 0;
  let checkpointed = 0;
  let checkpointAt = clock.monotonic();
  const syncLog = (): void => {
    const commits = Atomics.load(cells, COMMITS);
    if (commits === synced) return;
    const failure = attempt(task, () => fdatasyncSync(log));
    synced = commits;
    if (isStrict) report({ kind: "synced", commits, ...(failure !== undefined && { failure }) });
  };
  while (Atomics.load(cells, STOP) === 0) {
    const idle = checkpointed === synced ? Infinity : CHECKPOINT_INTERVAL_MS;
    // Said before the number is looked at: a commit in between finds either the flag or the thread's way back barred.
    Atomics.store(cells, ASLEEP, 1);
    Atomics.wait(cells, COMMITS, synced, idle);
    Atomics.store(cells, ASLEEP, 0);
    syncLog();
    if (checkpointed !== synced && clock.monotonic() - checkpointAt >= CHECKPOINT_INTERVAL_MS) {
      attempt(task, () => checkpoint(task));
      checkpointed = synced;
      checkpointAt = clock.monotonic();
    }
    if (!isStrict) Atomics.wait(cells, STOP, 0, SYNC_INTERVAL_MS);
  }
  syncLog();
  closeSync(log);
  task.connection.close();
  report({ kind: "stopped" });
}
