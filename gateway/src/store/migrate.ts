import { type Kysely, sql } from "kysely";
import { SchemaTooNew } from "./errors.ts";
import type { Migration } from "./migrations/migration.ts";

type Versions = { schema_versions: { version: bigint; name: string; applied_at: bigint } };

/** How long a process waits for another one that migrates. */
const MIGRATION_WAIT_MS = 120_000;

/** "SCAIGRID" as a number: the advisory lock that migrating processes queue for. */
const MIGRATION_LOCK = 6_008_179_834_019_498_308n;

/** Migrating processes go one by one; what they wait for each other is not what they may wait for a table. */
async function queueForMigration(tx: Kysely<unknown>): Promise<void> {
  const before = await sql<{ value: string }>`select current_setting('lock_timeout') as value`.execute(tx);
  await sql`select set_config('lock_timeout', ${`${MIGRATION_WAIT_MS}ms`}, true)`.execute(tx);
  await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(tx);
  await sql`select set_config('lock_timeout', ${before.rows[0]?.value ?? "0"}, true)`.execute(tx);
}

/** What one step came to: the version now in force, and whether there may be more to do. */
async function step(
  db: Kysely<unknown>,
  engine: "sqlite" | "postgres",
  migrations: readonly Migration[],
  nowMs: number,
): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    // SQLite needs no lock of ours: its transaction is the only one.
    if (engine === "postgres") await queueForMigration(tx);
    const versions = tx.$extendTables<Versions>();
    await tx.schema
      .createTable("schema_versions")
      .ifNotExists()
      .addColumn("version", "bigint", (c) => c.primaryKey())
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("applied_at", "bigint", (c) => c.notNull())
      .execute();
    const { latest } = await versions
      .selectFrom("schema_versions")
      .select((eb) => eb.fn.max("version").as("latest"))
      .executeTakeFirstOrThrow();
    const current = Number(latest ?? 0);
    if (current > migrations.length) throw new SchemaTooNew(current, migrations.length);
    const next = migrations[current];
    if (next === undefined) return false;
    await next.up(tx, engine);
    await versions
      .insertInto("schema_versions")
      .values({ version: BigInt(next.version), name: next.name, applied_at: BigInt(nowMs) })
      .execute();
    return true;
  });
}

/**
 * Brings the schema up to date, each step in its own transaction together with its version: a step that fails
 * leaves nothing behind. Processes that start at once wait for one another. Throws SchemaTooNew.
 */
export async function migrate(
  db: Kysely<unknown>,
  engine: "sqlite" | "postgres",
  migrations: readonly Migration[],
  nowMs: number,
): Promise<void> {
  while (await step(db, engine, migrations, nowMs));
}
