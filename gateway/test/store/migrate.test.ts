import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { SQL } from "bun";
import { Kysely, sql } from "kysely";
import { SchemaTooNew } from "../../src/store/errors.ts";
import { migrate } from "../../src/store/migrate.ts";
import type { Migration } from "../../src/store/migrations/migration.ts";
import { ledger } from "../../src/store/migrations/0021_ledger.ts";
import { absorbedRows } from "../../src/store/migrations/0029_absorbed_rows.ts";
import { MIGRATIONS } from "../../src/store/migrations/migrations.ts";
import { BunPostgresDialect } from "../../src/store/postgres/dialect.ts";
import { POSTGRES_LIMITS } from "../../src/store/postgres/open.ts";
import { openForWriting } from "../../src/store/sqlite/connection.ts";
import type { Schema, UsageRow } from "../../src/store/schema.ts";
import { SqliteDirectDialect } from "../../src/store/sqlite/direct-dialect.ts";
import { usageRow } from "../../src/store/usage/record.ts";
import { describePart } from "../parts.ts";
import { rejection, temporaryFolder } from "./engines.ts";
import { intent, settlement } from "./samples.ts";

type Connect = () => Kysely<unknown>;

function table(version: number): Migration {
  return {
    version,
    name: `table_${version}`,
    up: (db) => db.schema.createTable(`table_${version}`).addColumn("id", "text").execute(),
  };
}

const failing: Migration = {
  version: 2,
  name: "failing",
  async up(db) {
    await db.schema.createTable("half_done").addColumn("id", "text").execute();
    await sql`insert into no_such_table values (1)`.execute(db);
  },
};

function migrationTests(engine: "sqlite" | "postgres", fresh: () => Promise<Connect>): void {
  const tables = async (db: Kysely<unknown>): Promise<string[]> =>
    (await db.introspection.getTables()).map((one) => one.name).toSorted();

  test("a step that fails leaves nothing, and the steps before it stay", async () => {
    const db = (await fresh())();
    await rejection(migrate(db, engine, [table(1), failing], 5));
    expect(await tables(db)).toEqual(["schema_versions", "table_1"]);
    await migrate(db, engine, [table(1), table(2)], 6);
    expect(await tables(db)).toEqual(["schema_versions", "table_1", "table_2"]);
    await db.destroy();
  });

  test("a database written by a newer program is refused and left alone", async () => {
    const db = (await fresh())();
    await migrate(db, engine, [table(1), table(2)], 5);
    expect(await rejection(migrate(db, engine, [table(1)], 6))).toBeInstanceOf(SchemaTooNew);
    expect(await tables(db)).toEqual(["schema_versions", "table_1", "table_2"]);
    await db.destroy();
  });

  test("what was settled before there was a ledger waits to be booked", async () => {
    const db = (await fresh())();
    await migrate(db, engine, MIGRATIONS.slice(0, MIGRATIONS.indexOf(ledger)), 5);
    const old = db.$extendTables<{ usage: Omit<UsageRow, "estimate"> }>();
    const rows = Array.from({ length: 3 }, () => usageRow(settlement(intent())));
    // How tokens are estimated is told since later.
    const formerly = rows.map(({ estimate: _estimate, ...row }) => row);
    await old.insertInto("usage").values(formerly).execute();
    await migrate(db, engine, MIGRATIONS, 6);
    const now = db.$extendTables<Pick<Schema, "usage" | "unbooked_usage">>();
    expect(await now.selectFrom("unbooked_usage").selectAll().execute()).toHaveLength(3);
    const kept = await now.selectFrom("usage").selectAll().orderBy("id").execute();
    const before = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(kept.map(({ seq: _seq, ...row }) => row)).toEqual(before);
    const next = usageRow(settlement(intent()));
    await now.insertInto("usage").values(next).execute();
    const last = await now.selectFrom("usage").select("id").orderBy("seq", "desc").executeTakeFirst();
    expect(last?.id).toBe(next.id);
    await db.destroy();
  });

  test("versions of the product rise from 1 without gaps", () => {
    expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });
}

describe("migrations on SQLite", () => {
  const folder = temporaryFolder();
  let count = 0;
  migrationTests("sqlite", async () => {
    const path = join(folder, `${count++}.db`);
    return () => new Kysely<unknown>({ dialect: new SqliteDirectDialect(openForWriting(path)) });
  });
});

describePart("postgres", "migrations on PostgreSQL", (server) => {
  const fresh = async (): Promise<Connect> => {
    const url = new URL(server);
    url.pathname = `/scaigrid_${crypto.randomUUID().replaceAll("-", "")}`;
    const admin = new SQL(server, { max: 1 });
    await admin.unsafe(`create database "${url.pathname.slice(1)}"`);
    await admin.close();
    return () =>
      new Kysely<unknown>({
        dialect: new BunPostgresDialect(new SQL(url.href, { bigint: true, max: 2 }), POSTGRES_LIMITS),
      });
  };
  migrationTests("postgres", fresh);

  test("rows that were set aside before that was noted name their requests, damaged ones excepted", async () => {
    const db = (await fresh())();
    await migrate(db, "postgres", MIGRATIONS.slice(0, MIGRATIONS.indexOf(absorbedRows)), 5);
    const put = db.$extendTables<Pick<Schema, "quarantined_rows">>();
    const bodies = ['{"request_id":"req_1"}', "{not json"];
    const rows = bodies.map((body, at) => ({
      node_id: "node_1",
      seq: BigInt(at),
      body,
      reason: "x",
      at: 1n,
    }));
    await put.insertInto("quarantined_rows").values(rows).execute();
    await migrate(db, "postgres", MIGRATIONS, 6);
    const named = await put.selectFrom("quarantined_rows").select("request_id").orderBy("seq").execute();
    expect(named).toEqual([{ request_id: "req_1" }, { request_id: null }]);
    await db.destroy();
  });

  test("processes that start at once apply each step once", async () => {
    const connect = await fresh();
    const nodes = [connect(), connect(), connect()];
    await Promise.all(nodes.map((db) => migrate(db, "postgres", MIGRATIONS, 5)));
    const [db] = nodes;
    if (db === undefined) throw new Error("no connection");
    const { rows } = await sql<{ version: bigint }>`select version from schema_versions`.execute(db);
    expect(rows.map((row) => Number(row.version))).toEqual(MIGRATIONS.map((migration) => migration.version));
    for (const node of nodes) await node.destroy();
  });
});
