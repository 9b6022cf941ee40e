import { StoreUnavailable } from "../store/errors.ts";
import { foldSqliteError } from "../store/sqlite/fold-error.ts";
import { CALM_MS, type SqliteWriter } from "../store/sqlite/writer.ts";

/** Rows that may wait; at more, writing is refused: the disk does not keep up. */
const PENDING_MAX = 100_000;
/** Rows of one transaction: at about 6 µs each it stays under 5 ms of the event loop. */
const BATCH_ROWS = 512;

interface Row {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  failure: unknown;
}

/** Puts the rows of one turn of the event loop into one transaction. */
export class GroupCommit {
  readonly #writer: SqliteWriter;
  #pending: Row[] = [];
  #scheduled = false;
  #closed = false;
  #failing = false;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  /**
   * `write` runs statements on the writer inside a transaction that others share. Resolves once that is committed.
   * Rejects with StoreUnavailable when it cannot be, or with the error of `write` itself: then only its own row is
   * missing.
   */
  add(write: () => void): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("the journal is closed"));
    if (this.#pending.length >= PENDING_MAX) {
      return Promise.reject(new StoreUnavailable(`${PENDING_MAX} rows are waiting for the disk`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ write, resolve, reject, failure: undefined });
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#turn());
    }
    return promise;
  }

  pending(): number {
    return this.#pending.length;
  }

  /** Whether the last commit failed. */
  failing(): boolean {
    return this.#failing;
  }

  /** Commits what is waiting and refuses what comes later. */
  close(): void {
    this.#closed = true;
    while (this.#pending.length > 0) this.#commit();
  }

  #turn(waitedMs = 0): void {
    if (this.#writer.wantsCalm && waitedMs < CALM_MS) {
      setTimeout(() => this.#turn(waitedMs + 1), 1);
      return;
    }
    this.#scheduled = false;
    this.#commit();
    if (this.#pending.length > 0 && !this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#turn());
    }
  }

  #commit(): void {
    if (this.#pending.length === 0) return;
    const rows = this.#pending.length > BATCH_ROWS ? this.#pending.splice(0, BATCH_ROWS) : this.#pending;
    if (rows === this.#pending) this.#pending = [];
    try {
      this.#writer.transact(() => {
        for (const row of rows) this.#write(row);
      });
      this.#failing = false;
    } catch (error) {
      this.#failing = true;
      for (const row of rows) row.reject(error);
      return;
    }
    for (const row of rows) {
      if (row.failure === undefined) row.resolve();
      else row.reject(row.failure);
    }
  }

  /** A statement that fails on its data undoes itself alone; anything else ends the whole transaction. */
  #write(row: Row): void {
    try {
      row.write();
    } catch (error) {
      const failure = foldSqliteError(error);
      if (failure.kind === "unavailable") throw new StoreUnavailable(failure.reason, error);
      if (!this.#writer.inTransaction) throw error;
      row.failure = error;
    }
  }
}
