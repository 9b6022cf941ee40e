import { Database, type SQLQueryBindings } from "bun:sqlite";

/** What a column can hold. */
export type SqliteValue = string | bigint | Uint8Array | null;
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/** A prepared statement with the types of this product: integers come back as bigint. */
export interface SqliteStatement {
  /** Rows changed. */
  run(parameters: readonly SqliteValue[]): bigint;
  /** The same where nobody asks how many. */
  execute(parameters: readonly SqliteValue[]): void;
  all(parameters: readonly SqliteValue[]): readonly SqliteRow[];
  /** Rows one by one. Leaving the loop early resets the statement. */
  iterate(parameters: readonly SqliteValue[]): IterableIterator<SqliteRow>;
  /** Whether it gives rows. */
  readonly reader: boolean;
}

/** One connection to an SQLite file: the only place that knows `bun:sqlite`. */
export interface SqliteConnection {
  run(sql: string): void;
  /** Compiled once and kept until the connection closes: for statements that run again and again. */
  prepare(sql: string): SqliteStatement;
  /** Compiled, or taken from a cache of the last few: for statements that are built. */
  statement(sql: string): SqliteStatement;
  /** False again when SQLite has rolled back by itself (full disk, I/O error). */
  readonly inTransaction: boolean;
  close(): void;
}

type Native = ReturnType<Database["prepare"]>;

function wrap(native: Native): SqliteStatement {
  return {
    run: (parameters) => BigInt(native.run(...(parameters as SQLQueryBindings[])).changes),
    execute: (parameters) => void native.run(...(parameters as SQLQueryBindings[])),
    all: (parameters) => native.all(...(parameters as SQLQueryBindings[])) as SqliteRow[],
    iterate: (parameters) =>
      native.iterate(...(parameters as SQLQueryBindings[])) as IterableIterator<SqliteRow>,
    get reader() {
      return native.columnNames.length > 0;
    },
  };
}

function connect(database: Database): SqliteConnection {
  const prepared: Native[] = [];
  return {
    run: (sql) => void database.run(sql),
    prepare(sql) {
      const native = database.prepare(sql);
      prepared.push(native);
      return wrap(native);
    },
    statement: (sql) => wrap(database.query(sql)),
    get inTransaction() {
      return database.inTransaction;
    },
    close() {
      // A statement that is still there keeps the file open and its log in use after the close.
      for (const native of prepared.splice(0)) native.finalize();
      database.close();
    },
  };
}

const LOG_BYTES_KEPT = 64 << 20;

/** Milliseconds a connection waits for another's lock where waiting is allowed: at start and in worker threads. */
export const LOCK_WAIT_MS = 5_000;

/**
 * A connection that may write. Commits survive the death of the process at once; a worker's sync makes them
 * survive a power cut (`synchronous=normal` itself syncs at checkpoints only), another one checkpoints.
 */
export function openForWriting(path: string): SqliteConnection {
  const database = new Database(path, { create: true, readwrite: true, strict: true, safeIntegers: true });
  const connection = connect(database);
  connection.run(`pragma busy_timeout = ${LOCK_WAIT_MS}`);
  connection.run("pragma journal_mode = wal");
  connection.run("pragma synchronous = normal");
  connection.run("pragma foreign_keys = on");
  connection.run("pragma wal_autocheckpoint = 0");
  // What a burst has left of the log's file is given back when the log starts anew.
  connection.run(`pragma journal_size_limit = ${LOG_BYTES_KEPT}`);
  return connection;
}

/** A connection that cannot write. */
export function openForReading(path: string): SqliteConnection {
  const connection = connect(new Database(path, { readonly: true, strict: true, safeIntegers: true }));
  connection.run(`pragma busy_timeout = ${LOCK_WAIT_MS}`);
  return connection;
}

/** A connection without any settings. */
export function openPlain(path: string): SqliteConnection {
  return connect(new Database(path, { create: true, readwrite: true, strict: true, safeIntegers: true }));
}
