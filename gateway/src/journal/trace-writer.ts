import type { Clock } from "../base/clock.ts";
import type { RequestTrace } from "../core/trace.ts";
import { traceRow } from "../store/requests/row.ts";
import type { RequestsTable } from "../store/schema.ts";
import type { SqliteWriter } from "../store/sqlite/writer.ts";
import { InsertOnce } from "./statements.ts";

/** Traces that may wait; at more, the oldest are dropped and counted. */
const WAITING_MAX = 20_000;
/** A full batch is written at once. */
const BATCH_ROWS = 256;
/** The longest a trace waits for company. */
const DELAY_MS = 50;
/** The longest one step keeps the event loop. */
const STEP_MS = 4;

export interface TraceWriterOptions {
  readonly writer: SqliteWriter;
  readonly clock: Clock;
  /** Hears why traces were lost, once for each step that failed. */
  readonly onFailure: (error: unknown) => void;
}

export interface TraceCounts {
  readonly written: number;
  /** Pushed out of a full queue. */
  readonly dropped: number;
  /** Refused by the store. */
  readonly failed: number;
}

/**
 * Writes request traces in the background, in small steps through the writer of the store. A trace never makes a
 * request wait or fail: what does not fit is dropped, and counted.
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

  /** Writes all that is waiting now, step by step. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#step();
      if (this.#waiting.length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Writes what is waiting, and drops (and counts) what comes later. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    this.#unschedule();
  }

  #schedule(): void {
    if (this.#waiting.length >= BATCH_ROWS) {
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

  /** One transaction of at most STEP_MS. Whatever it takes from the queue is written or counted as failed. */
  #step(): void {
    const until = this.#clock.monotonic() + STEP_MS;
    let taken = 0;
    let refused = 0;
    try {
      this.#writer.transact(() => {
        for (const trace of this.#waiting) {
          if (taken === BATCH_ROWS || (taken > 0 && this.#clock.monotonic() > until)) break;
          taken++;
          if (!this.#write(trace)) refused++;
        }
      });
    } catch (error) {
      taken = Math.max(taken, Math.min(this.#waiting.length, BATCH_ROWS));
      refused = taken;
      this.#onFailure(error);
    }
    this.#waiting.splice(0, taken);
    this.#failed += refused;
    this.#written += taken - refused;
  }

  /** A trace that cannot be written takes no other with it. */
  #write(trace: RequestTrace): boolean {
    try {
      this.#insert.run(traceRow(trace));
      return true;
    } catch (error) {
      if (!this.#writer.inTransaction) throw error;
      this.#onFailure(error);
      return false;
    }
  }
}
