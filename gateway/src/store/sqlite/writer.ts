import { StoreUnavailable } from "../errors.ts";
import type { SqliteConnection, SqliteStatement } from "./connection.ts";
import { foldSqliteError } from "./fold-error.ts";

/** The longest a commit is put off while the log is being emptied. */
export const CALM_MS = 20;

/** Whoever moves commits on: told of each one. */
export interface CommitListener {
  committed(): void;
  /** Whether commits that can wait for some milliseconds should. */
  wantsCalm(): boolean;
  /**
   * Resolves once all that is committed is on the disk; rejects with StoreUnavailable. Undefined where nobody is to wait
   * for that.
   */
  durable(): Promise<void> | undefined;
  /** Why the last commit that somebody waited for is not on the disk; undefined where it is. */
  readonly failure: string | undefined;
}

/**
 * The one connection that writes. A transaction is a synchronous function, so none is ever open while anything
 * else of the process runs, and nobody's rollback can take another's rows with it.
 */
export class SqliteWriter {
  readonly #connection: SqliteConnection;
  readonly #listener: CommitListener;
  readonly #begin: SqliteStatement;
  readonly #commit: SqliteStatement;
  readonly #rollback: SqliteStatement;
  #open = true;

  /** Takes over the connection: from here on it never waits for a lock. */
  constructor(connection: SqliteConnection, listener: CommitListener) {
    connection.run("pragma busy_timeout = 0");
    this.#connection = connection;
    this.#listener = listener;
    this.#begin = connection.prepare("begin immediate");
    this.#commit = connection.prepare("commit");
    this.#rollback = connection.prepare("rollback");
  }

  /** For statements that run again and again. Throws when the SQL is wrong. */
  prepare(sql: string): SqliteStatement {
    return this.#connection.prepare(sql);
  }

  /** For statements that are built: compiled, or from a cache of the last few. */
  statement(sql: string): SqliteStatement {
    return this.#connection.statement(sql);
  }

  /** Whether SQLite still has the transaction of the running `transact` open: it ends one itself on a full disk. */
  get inTransaction(): boolean {
    return this.#connection.inTransaction;
  }

  /** Whether commits that can wait should, for at most CALM_MS. Nothing goes wrong when they do not. */
  get wantsCalm(): boolean {
    return this.#listener.wantsCalm();
  }

  /** What has to be waited for before what is committed may be relied on; undefined = nothing. */
  durable(): Promise<void> | undefined {
    return this.#listener.durable();
  }

  /**
   * Runs `work` in a transaction and returns what it returns. When it throws, nothing is kept and the error goes
   * on; when SQLite cannot begin or commit, StoreUnavailable. Transactions do not nest.
   */
  transact<T>(work: () => T): T {
    if (!this.#open) throw new StoreUnavailable("it is closed");
    if (this.#connection.inTransaction) throw new Error("a transaction inside a transaction");
    this.#run(this.#begin);
    let result: T;
    try {
      result = work();
    } catch (error) {
      this.#undo();
      throw error;
    }
    try {
      this.#run(this.#commit);
    } catch (error) {
      this.#undo();
      throw error;
    }
    this.#listener.committed();
    return result;
  }

  /** Throws StoreUnavailable where a transaction could not begin now, or the last was not synced. 2 µs. */
  check(): void {
    if (!this.#open) throw new StoreUnavailable("it is closed");
    if (this.#listener.failure !== undefined) throw new StoreUnavailable(this.#listener.failure);
    this.#run(this.#begin);
    this.#rollback.run([]);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#connection.close();
  }

  #run(statement: SqliteStatement): void {
    try {
      statement.execute([]);
    } catch (error) {
      const failure = foldSqliteError(error);
      throw failure.kind === "unavailable" ? new StoreUnavailable(failure.reason, error) : error;
    }
  }

  #undo(): void {
    if (this.#connection.inTransaction) this.#rollback.run([]);
  }
}
