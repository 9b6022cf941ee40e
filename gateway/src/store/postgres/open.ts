import { SQL } from "bun";
import { Kysely } from "kysely";
import type { Clock } from "../../base/clock.ts";
import { migrate } from "../migrate.ts";
import { MIGRATIONS } from "../migrations/migrations.ts";
import type { Schema } from "../schema.ts";
import type { Store } from "../store.ts";
import { commitOnPostgres } from "./commit.ts";
import { BunPostgresDialect, type PostgresLimits } from "./dialect.ts";

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  readonly clock: Clock;
  readonly poolSize: number;
}

export const POSTGRES_LIMITS: PostgresLimits = { deadlineMs: 30_000, acquireMs: 5_000, rowsMax: 50_000 };

// On the server: shorter than ours, so that its own word comes first.
const STATEMENT_TIMEOUT_MS = 25_000;
const LOCK_TIMEOUT_MS = 2_000;
const IDLE_IN_TRANSACTION_MS = 5_000;
// A migration may wait for another process's, and may take long.
const MIGRATION_LIMITS: PostgresLimits = { deadlineMs: 600_000, acquireMs: 5_000, rowsMax: 1_000 };

function pool(url: string, size: number, settings: Readonly<Record<string, number>>): SQL {
  return new SQL(url, {
    bigint: true,
    max: size,
    connectionTimeout: 5,
    connection: { application_name: "scaigrid", ...settings },
  });
}

async function upgrade(url: string, nowMs: number): Promise<void> {
  const connections = pool(url, 1, { statement_timeout: 0, lock_timeout: 0 });
  const db = new Kysely<unknown>({ dialect: new BunPostgresDialect(connections, MIGRATION_LIMITS) });
  try {
    await migrate(db, "postgres", MIGRATIONS, nowMs);
  } finally {
    await db.destroy();
  }
}

/** Connects, and creates or upgrades the schema. Throws SchemaTooNew, StoreUnavailable. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, poolSize } = options;
  await upgrade(url, options.clock.now());
  const connections = pool(url, poolSize, {
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  const db = new Kysely<Schema>({ dialect: new BunPostgresDialect(connections, POSTGRES_LIMITS) });
  return {
    engine: "postgres",
    read: db,
    control: db,
    commit: (writes, conclude) => commitOnPostgres(db, writes, conclude),
    close: () => db.destroy(),
  };
}
