import { join } from "node:path";
import { Kysely } from "kysely";
import type { Clock } from "../../base/clock.ts";
import { StoreUnavailable } from "../errors.ts";
import { migrate } from "../migrate.ts";
import { MIGRATIONS } from "../migrations/migrations.ts";
import type { Schema } from "../schema.ts";
import type { Store } from "../store.ts";
import { StoreUse } from "../use.ts";
import { Checkpointer } from "./checkpointer.ts";
import { commitOnSqlite } from "./commit.ts";
import { openForReading, openForWriting } from "./connection.ts";
import { DATABASE_FILE } from "./database-file.ts";
import { foldSqliteError } from "./fold-error.ts";
import { SqliteDirectDialect } from "./direct-dialect.ts";
import { SqliteReadDialect } from "./read-dialect.ts";
import { READER_POOL, ReaderPool } from "./reader-pool.ts";
import { SqliteWriter } from "./writer.ts";

/** Addresses of the worker files: the composition root knows them, also inside a compiled binary. */
export interface WorkerFiles {
  readonly reader: string;
  readonly checkpointer: string;
}

export interface SqliteStoreOptions {
  /** The data folder, already held by this process. */
  readonly folder: string;
  readonly clock: Clock;
  readonly workers: WorkerFiles;
  /** Hears of syncs and checkpoints that failed. */
  readonly onFailure: (message: string) => void;
  /** Whether what is committed is relied on only once it is on the disk. */
  readonly isStrict?: boolean;
}

export interface SqliteStore {
  readonly store: Store;
  /** The connection that journal and traces share with the store. Closed by `store.close()`. */
  readonly writer: SqliteWriter;
}

/**
 * Opens the database, creates or upgrades it, and starts its threads. Throws SchemaTooNew, StoreUnavailable.
 * Close journal and traces before the store.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const path = join(options.folder, DATABASE_FILE);
  try {
    const migrations = new Kysely<unknown>({ dialect: new SqliteDirectDialect(openForWriting(path)) });
    try {
      await migrate(migrations, "sqlite", MIGRATIONS, options.clock.now());
    } finally {
      await migrations.destroy();
    }
    return start(path, options);
  } catch (error) {
    const failure = foldSqliteError(error);
    throw failure.kind === "unavailable" ? new StoreUnavailable(failure.reason, error) : error;
  }
}

function start(path: string, { workers, onFailure, isStrict }: SqliteStoreOptions): SqliteStore {
  const connection = openForWriting(path);
  const checkpointer = new Checkpointer(workers.checkpointer, path, onFailure, isStrict);
  const writer = new SqliteWriter(connection, checkpointer);
  const pool = new ReaderPool({ ...READER_POOL, file: workers.reader, path });
  const use = new StoreUse();
  const read = new Kysely<Schema>({ dialect: new SqliteReadDialect(pool), log: use.noteRead });
  const control = new Kysely<Schema>({ dialect: new SqliteReadDialect(pool, "control") });
  let closed = false;
  return {
    writer,
    store: {
      engine: "sqlite",
      read,
      control,
      use,
      async readAtStart(work) {
        const direct = new Kysely<Schema>({ dialect: new SqliteDirectDialect(openForReading(path)) });
        try {
          return await work(direct);
        } finally {
          await direct.destroy();
        }
      },
      // Async, so that every failure is a rejection.
      async commit(writes, conclude) {
        use.commits++;
        commitOnSqlite(writer, writes, conclude);
      },
      async close() {
        if (closed) return;
        closed = true;
        await pool.close();
        await checkpointer.stop();
        // The last connection to close: SQLite empties the log into the database.
        writer.close();
      },
    },
  };
}
