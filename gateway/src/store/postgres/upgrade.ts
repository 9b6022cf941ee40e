import { Kysely, sql } from "kysely";
import type { DatabaseAddress } from "../../core/database-address.ts";
import { migrate } from "../migrate.ts";
import { MIGRATIONS } from "../migrations/migrations.ts";
import { BunPostgresDialect, type PostgresLimits } from "./dialect.ts";
import { openPool } from "./pool.ts";
import { DatabaseUnusable, unusable } from "./unusable.ts";

/** `server_version_num` of PostgreSQL 15. */
const VERSION_MIN = 150_000;
// A migration may wait for another process's, and may take long.
const LIMITS: PostgresLimits = { deadlineMs: 600_000, acquireMs: 10_000, rowsMax: 1_000 };
// A step's statements wait no longer than this for a table, since everybody else queues behind them meanwhile.
const LOCK_TIMEOUT_MS = 5_000;

/** Throws DatabaseUnusable for a server that is too old. */
export function checkVersion(versionNumber: number, place: string): void {
  if (versionNumber >= VERSION_MIN) return;
  const version = `${Math.floor(versionNumber / 10_000)}`;
  const fix = "upgrade the server; nothing was changed";
  throw new DatabaseUnusable(place, `is version ${version}, and 15 is the oldest that will do`, fix);
}

/** Creates or upgrades the schema. Throws DatabaseUnusable, SchemaTooNew. */
export async function upgradePostgres(
  address: DatabaseAddress,
  pooler: boolean,
  nowMs: number,
): Promise<void> {
  const settings = { statement_timeout: 0, lock_timeout: LOCK_TIMEOUT_MS };
  const pool = openPool({ address, size: 1, pooler, settings });
  const db = new Kysely<unknown>({ dialect: new BunPostgresDialect(pool, LIMITS) });
  try {
    const { rows } = await sql<{ version: string }>`
      select current_setting('server_version_num') as version`.execute(db);
    checkVersion(Number(rows[0]?.version), address.place);
    await migrate(db, "postgres", MIGRATIONS, nowMs);
  } catch (error) {
    throw unusable(error, address) ?? error;
  } finally {
    await db.destroy();
  }
}
