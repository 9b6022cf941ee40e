import type { Clock } from "../base/clock.ts";
import type { RequestTrace } from "../core/trace.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { traceRow } from "../store/requests/row.ts";
import type { RequestsTable } from "../store/schema.ts";
import { foldSqliteError } from "../store/sqlite/fold-error.ts";
import type { SqliteWriter } from "../store/sqlite/writer.ts";
import { InsertOnce } from "./statements.ts";

/** Traces that may wait, an outage of the store included; at more, the oldest are dropped and counted. */
const WAITING_MAX = 20_000;
/** A full batch is written at once. */
const BATCH_ROWS = 256;
/** The longest a trace waits for company. */
const DELAY_MS = 50;
/** The longest one step keeps the event loop. */
const STEP_MS = 4;
/** From a step for which the store was not there to the next. */
const OUTAGE_PAUSE_MS = 500;

export interface TraceWriterOptions {
  readonly writer: SqliteWriter;
  readonly clock: Clock;
  /** Hears why traces were lost, and once in each outage of the store why they wait. */
  readonly onFailure: (error: unknown) => void;
}

export interface TraceCounts {
  readonly written: number;
  /** Pushed out of a full queue. */
  readonly dropped: number;
  /** Refused by the store, or left when it was closed. */
  readonly failed: number;
}

/**
 * Writes request traces in the background, in small steps through the writer of the store. A trace never makes a
 * request wait or fail: what does not fit is dropped, and counted. While the file is locked or the disk full they wait.
 */
export class TraceWriter {
  readonly #writer: SqliteWriter;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  readonly #insert: InsertOnce<RequestsTable>;
  #waiting: RequestTrace[] = [];
  #written = 0;
  #dropped = 0;
  #failed = 0;
  #timer: Timer | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;
  /** Whether the store was not there for the last step. */
  #isOut = false;

  constructor({ writer, clock, onFailure }: TraceWriterOptions) {
    this.#writer = writer;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#insert = new InsertOnce(writer, "requests");
  }

  /** Queues a trace. */
  record(trace: RequestTrace): void {
    if (this.#closed) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(trace);
    if (this.#waiting.length > WAITING_MAX) {
      // In bulk: taking one from the front of a long array each time would cost more than writing it.
      this.#dropped += this.#waiting.splice(0, BATCH_ROWS).length;
    }
    this.#schedule();
  }

  counts(): TraceCounts {
    return { written: this.#written, dropped: this.#dropped, failed: this.#failed };
  }

  /** Traces waiting to be written. */
  pending(): number {
    return this.#waiting.length;
  }

  /** Writes all that is waiting now, step by step. In an outage of the store it goes on waiting. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (!this.#step()) return;
      if (this.#waiting.length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Tries once more to write what is waiting, and drops (and counts) what comes later. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    this.#unschedule();
    const left = this.#waiting.length;
    if (left === 0) return;
    this.#waiting = [];
    this.#failed += left;
    this.#onFailure(new StoreUnavailable(`the last ${left} are lost`));
  }

  #schedule(): void {
    if (this.#isOut) {
      this.#timer ??= setTimeout(() => this.#run(), OUTAGE_PAUSE_MS);
    } else if (this.#waiting.length >= BATCH_ROWS) {
      this.#immediate ??= setImmediate(() => this.#run());
    } else {
      this.#timer ??= setTimeout(() => this.#run(), DELAY_MS);
    }
  }

  #unschedule(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #run(): void {
    this.#unschedule();
    this.#step();
    if (this.#waiting.length > 0) this.#schedule();
  }

  /**
   * One transaction of at most STEP_MS. Whatever it takes from the queue is written or counted as failed; where the
   * store is not there it takes nothing. Whether it was.
   */
  #step(): boolean {
    const until = this.#clock.monotonic() + STEP_MS;
    let taken = 0;
    const refusals: unknown[] = [];
    try {
      this.#writer.transact(() => {
        for (const trace of this.#waiting) {
          if (taken === BATCH_ROWS || (taken > 0 && this.#clock.monotonic() > until)) break;
          taken++;
          this.#write(trace, refusals);
        }
      });
    } catch (error) {
      this.#isOut = this.#waits(error);
      if (this.#isOut) return false;
      taken = Math.max(taken, Math.min(this.#waiting.length, BATCH_ROWS));
      this.#waiting.splice(0, taken);
      this.#failed += taken;
      return true;
    }
    this.#isOut = false;
    this.#waiting.splice(0, taken);
    this.#failed += refusals.length;
    this.#written += taken - refusals.length;
    for (const error of refusals) this.#onFailure(error);
    return true;
  }

  /** Tells why a step failed, once in an outage. Whether it is one. */
  #waits(error: unknown): boolean {
    const isOut = error instanceof StoreUnavailable;
    if (!isOut || !this.#isOut) this.#onFailure(error);
    return isOut;
  }

  /** A trace that cannot be written takes no other with it. */
  #write(trace: RequestTrace, refusals: unknown[]): void {
    try {
      this.#insert.run(traceRow(trace));
    } catch (error) {
      const failure = foldSqliteError(error);
      if (failure.kind === "unavailable") throw new StoreUnavailable(failure.reason, error);
      if (!this.#writer.inTransaction) throw error;
      refusals.push(error);
    }
  }
}
