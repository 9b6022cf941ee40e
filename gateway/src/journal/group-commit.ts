import { StoreUnavailable } from "../store/errors.ts";
import { foldSqliteError } from "../store/sqlite/fold-error.ts";
import { CALM_MS, type SqliteWriter } from "../store/sqlite/writer.ts";

/** Rows that may wait; at more, writing is refused: the disk does not keep up. */
const PENDING_MAX = 100_000;
/** Rows of one transaction: at about 6 µs each it stays under 5 ms of the event loop. */
const BATCH_ROWS = 512;
/**
 * A turn that has brought so many rows says that the event loop is behind: then rows wait a moment for more of them,
 * since each transaction writes the same pages again, however few rows it has.
 */
const BUSY_ROWS = 6;
const BUSY_WAIT_MS = 2;

/** Runs statements on the writer, inside a transaction that others share. */
export type RowWrite = () => void;

/** Told of each transaction: what its rows have in common is written once. */
export interface TurnListener {
  /** It has begun: what a former one left undone is not of this one. */
  began(): void;
  /** Its rows are written; what is written now goes with them. */
  ending(): void;
}

interface Row {
  readonly write: RowWrite;
  readonly kept: (() => void) | undefined;
}

/** The rows that share a transaction, and what its end means for them. */
interface Turn {
  readonly rows: Row[];
  readonly committed: PromiseWithResolvers<void>;
  /** Rows that failed on their own data. */
  failures: Map<RowWrite, unknown> | undefined;
}

/** Puts the rows of one turn of the event loop into one transaction. */
export class GroupCommit {
  readonly #writer: SqliteWriter;
  readonly #listener: TurnListener | undefined;
  /** The last one is still being filled. */
  readonly #turns: Turn[] = [];
  #pending = 0;
  #scheduled = false;
  /** Of the last turn. */
  #lastRows = 0;
  /** How long the turn has been put off. */
  #calmMs = 0;
  #closed = false;
  #failing = false;

  constructor(writer: SqliteWriter, listener?: TurnListener) {
    this.#writer = writer;
    this.#listener = listener;
  }

  /**
   * `write` runs statements on the writer inside a transaction that others share. Resolves once that is committed, and
   * on the disk where the journal is strict, or refused by it; `kept` runs before.
   * Rejects with StoreUnavailable when it cannot be, or with the error of `write` itself: then only its own row is
   * missing.
   */
  add(write: RowWrite, kept?: () => void): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("the journal is closed"));
    if (this.#pending >= PENDING_MAX) {
      return Promise.reject(new StoreUnavailable(`${PENDING_MAX} rows are waiting for the disk`));
    }
    const turn = this.#filling();
    turn.rows.push({ write, kept });
    this.#pending++;
    if (!this.#scheduled) this.#schedule();
    // One promise for all of a turn: they fare alike, but for those that fail on their own data.
    return turn.committed.promise.then(() => {
      if (turn.failures?.has(write) === true) throw turn.failures.get(write);
    });
  }

  pending(): number {
    return this.#pending;
  }

  #filling(): Turn {
    const last = this.#turns.at(-1);
    if (last !== undefined && last.rows.length < BATCH_ROWS) return last;
    const turn: Turn = { rows: [], committed: Promise.withResolvers(), failures: undefined };
    this.#turns.push(turn);
    return turn;
  }

  /** Whether the last commit failed. */
  failing(): boolean {
    return this.#failing;
  }

  /** Commits what is waiting and refuses what comes later. */
  close(): void {
    this.#closed = true;
    while (this.#turns.length > 0) this.#commit();
  }

  #schedule(): void {
    this.#scheduled = true;
    if (this.#lastRows >= BUSY_ROWS) setTimeout(this.#turn, BUSY_WAIT_MS);
    else setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    // Put off while the log is emptied, for a while.
    if (this.#writer.wantsCalm && this.#calmMs < CALM_MS) {
      this.#calmMs++;
      setTimeout(this.#turn, 1);
      return;
    }
    this.#calmMs = 0;
    this.#scheduled = false;
    this.#lastRows = this.#turns[0]?.rows.length ?? 0;
    this.#commit();
    if (this.#turns.length > 0 && !this.#scheduled) this.#schedule();
  };

  #commit(): void {
    const turn = this.#turns.shift();
    if (turn === undefined) return;
    this.#pending -= turn.rows.length;
    try {
      this.#transact(turn);
      const durable = this.#writer.durable();
      if (durable === undefined) this.#kept(turn);
      else
        durable.then(
          () => this.#kept(turn),
          () => this.#keptUnsynced(turn),
        );
    } catch (error) {
      this.#lost(turn, error);
    }
  }

  /** Throws StoreUnavailable, or the error of a row that is alone. */
  #transact(turn: Turn): void {
    try {
      this.#together(turn.rows, turn);
    } catch (error) {
      if (error instanceof StoreUnavailable || turn.rows.length === 1) throw error;
      // What they have in common cannot be written for one of them, and nothing was kept.
      this.#eachAlone(turn);
    }
  }

  #together(rows: readonly Row[], turn: Turn): void {
    turn.failures = undefined;
    this.#writer.transact(() => {
      this.#listener?.began();
      for (const { write } of rows) this.#write(write, turn);
      this.#listener?.ending();
    });
  }

  /** One transaction for each row: whose cannot be kept takes no other with it. */
  #eachAlone(turn: Turn): void {
    const failures = new Map<RowWrite, unknown>();
    for (const row of turn.rows) {
      try {
        this.#together([row], turn);
        if (turn.failures?.has(row.write) === true) failures.set(row.write, turn.failures.get(row.write));
      } catch (error) {
        failures.set(row.write, error);
      }
    }
    turn.failures = failures;
  }

  #kept(turn: Turn): void {
    // Tried one by one, some may have been kept before the store went away.
    this.#failing = lostAny(turn);
    for (const { write, kept } of turn.rows) if (turn.failures?.has(write) !== true) kept?.();
    turn.committed.resolve();
  }

  /**
   * The disk has refused the sync of what is committed, and nothing takes a commit back: who was told that it failed would
   * be charged for what they did not get. What comes next is refused instead (`SqliteWriter.check`).
   */
  #keptUnsynced(turn: Turn): void {
    this.#kept(turn);
    this.#failing = true;
  }

  #lost(turn: Turn, error: unknown): void {
    this.#failing = true;
    turn.committed.reject(error);
  }

  /** A statement that fails on its data undoes itself alone; anything else ends the whole transaction. */
  #write(write: RowWrite, turn: Turn): void {
    try {
      write();
    } catch (error) {
      const failure = foldSqliteError(error);
      if (failure.kind === "unavailable") throw new StoreUnavailable(failure.reason, error);
      if (!this.#writer.inTransaction) throw error;
      turn.failures ??= new Map();
      turn.failures.set(write, error);
    }
  }
}

/** Whether the store could not be written for a row of it, whatever became of the others. */
function lostAny({ failures }: Turn): boolean {
  for (const error of failures?.values() ?? []) if (error instanceof StoreUnavailable) return true;
  return false;
}
