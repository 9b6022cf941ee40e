import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import { MOVEMENTS, SIDES, type Side } from "../../core/ledger.ts";
import { LEDGER_BEGINS } from "../ledger/begins.ts";
import { Columns, type Engine, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** The ledger, the roll-ups, and the numbers by which rows of usage get into both exactly once. */
export const ledger: Migration = {
  version: 21,
  name: "ledger",
  async up(db, engine) {
    const columns = new Columns(engine);
    await (engine === "sqlite" ? numbersOnSqlite(db) : numbersOnPostgres(db));
    // What is booked late for want of a ledger belongs to its own month.
    await sql
      .raw(
        `insert into settings (key, value) select '${LEDGER_BEGINS}', cast(max(seq) as text) from usage ` +
          "having max(seq) is not null",
      )
      .execute(db);
    await batches(db, columns);
    await movements(db, columns);
    await adjustments(db, columns);
    await cells(db, columns);
    await entriesView(db);
    await unbookedView(db, engine);
    for (const table of ["ledger_movements", "ledger_batches", "adjustments"]) await seal(db, engine, table);
  },
};

/** One connection writes: rows are numbered in the order of their commits. */
async function numbersOnSqlite(db: Kysely<unknown>): Promise<void> {
  const former = await sql<{ name: string; type: string; required: bigint }>`
    select name, type, "notnull" as required from pragma_table_info('usage') order by cid`.execute(db);
  const columns = former.rows.map(
    ({ name, type, required: isRequired }) =>
      `"${name}" ${type}${isRequired === 0n ? "" : " not null"}${name === "id" ? " unique" : ""}`,
  );
  const names = former.rows.map(({ name }) => `"${name}"`).join(", ");
  const run = (text: string) => sql.raw(text).execute(db);
  await run(`create table numbered_usage (seq integer primary key, ${columns.join(", ")}) strict`);
  await run(`insert into numbered_usage (${names}) select ${names} from usage order by rowid`);
  await run("drop table usage");
  await run("alter table numbered_usage rename to usage");
  await run("create index usage_by_time on usage (created_at)");
  await run("create index usage_by_tenant on usage (tenant_id, created_at)");
}

/**
 * Many nodes write: a number is given out before it is seen, so whatever is inserted, by whom ever, waits in a table of
 * its own. Rows of one statement share a number where it says so; the others get one each.
 */
async function numbersOnPostgres(db: Kysely<unknown>): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  await run("create sequence usage_seq");
  await run("alter table usage add column seq bigint not null default 0");
  await run("alter table usage alter column seq set default nextval('usage_seq')");
  await run("create table unbooked (seq bigint primary key, rows bigint not null, at bigint not null)");
  // What was there before waits in pieces, in the order of its time.
  await run(
    "update usage set seq = piece.seq from (select id, (row_number() over (order by created_at, id) - 1) / 500 + 1 " +
      "as seq from usage) as piece where piece.id = usage.id",
  );
  await run("create index usage_by_seq on usage (seq)");
  await run(
    "insert into unbooked select seq, count(*), (extract(epoch from clock_timestamp()) * 1000)::bigint " +
      "from usage group by seq",
  );
  await run("select setval('usage_seq', coalesce(max(seq), 0) + 1) from usage");
  await run(
    "create function note_unbooked() returns trigger language plpgsql as $$ begin " +
      "insert into unbooked select seq, count(*), (extract(epoch from clock_timestamp()) * 1000)::bigint " +
      "from added group by seq; return null; end $$",
  );
  await run(
    "create trigger usage_unbooked after insert on usage referencing new table as added " +
      "for each statement execute function note_unbooked()",
  );
}

async function batches({ schema }: Kysely<unknown>, columns: Columns): Promise<void> {
  await columns
    .end(schema.createTable("ledger_batches"))
    .addColumn("last_seq", columns.integer, required)
    .addColumn("after_seq", columns.integer, required)
    .addColumn("booked_at", columns.integer, required)
    .addPrimaryKeyConstraint("ledger_batches.last_seq", ["last_seq"])
    .execute();
}

async function movements({ schema }: Kysely<unknown>, columns: Columns): Promise<void> {
  await columns
    .end(schema.createTable("ledger_movements"))
    .addColumn("id", "text", required)
    .addColumn("kind", "text", required)
    .addColumn("partner_id", "text", required)
    .addColumn("tenant_id", "text")
    .addColumn("backend_id", "text")
    .addColumn("month", "text", required)
    .addColumn("for_month", "text", required)
    .addColumn("units", columns.integer, required)
    .addColumn("pico", columns.integer, required)
    .addColumn("batch", columns.integer)
    .addColumn("adjustment_id", "text")
    .addColumn("at", columns.integer, required)
    .addPrimaryKeyConstraint("ledger_movements.id", ["id"])
    .execute();
  const index = schema.createIndex("ledger_movements_by_batch").on("ledger_movements");
  await index.column("batch").execute();
  const byMonth = schema.createIndex("ledger_movements_by_month").on("ledger_movements");
  await byMonth.columns(["month", "partner_id"]).execute();
}

async function adjustments({ schema }: Kysely<unknown>, columns: Columns): Promise<void> {
  await columns
    .end(schema.createTable("adjustments"))
    .addColumn("id", "text", required)
    .addColumn("partner_id", "text", required)
    .addColumn("tenant_id", "text")
    .addColumn("month", "text", required)
    .addColumn("for_month", "text", required)
    .addColumn("amount", "text", required)
    .addColumn("reason", "text", required)
    .addColumn("created_by", "text", required)
    .addColumn("created_at", columns.integer, required)
    .addPrimaryKeyConstraint("adjustments.id", ["id"])
    .execute();
}

const CELL = [
  "level",
  "bucket",
  "tenant_id",
  "partner_id",
  "user_id",
  "api_key_id",
  "model_slug",
  "backend_id",
  "status",
  "late_bucket",
] as const;
const SUMS = ["requests", "tokens_in", "tokens_out"] as const;
const AMOUNTS = ["cost", "partner", "tenant"] as const;

async function cells({ schema }: Kysely<unknown>, columns: Columns): Promise<void> {
  let table: CreateTableBuilder<string, string> = columns.end(schema.createTable("usage_cells"));
  for (const name of CELL) {
    const isNumber = name === "level" || name === "bucket" || name === "late_bucket";
    table = table.addColumn(name, isNumber ? columns.integer : "text", required);
  }
  for (const name of SUMS) table = table.addColumn(name, columns.integer, required);
  for (const name of AMOUNTS) {
    table = table
      .addColumn(`${name}_units`, columns.integer, required)
      .addColumn(`${name}_pico`, columns.integer, required);
  }
  await table.addPrimaryKeyConstraint(`usage_cells.${CELL.join()}`, [...CELL]).execute();
  // Few rows: statements ask for those alone.
  await schema
    .createIndex("usage_cells_late")
    .on("usage_cells")
    .columns(["level", "late_bucket"])
    .where(sql.ref("late_bucket"), ">", sql.lit(0))
    .execute();
}

async function entriesView(db: Kysely<unknown>): Promise<void> {
  const sides = MOVEMENTS.flatMap((kind) => {
    const of = ([owner, account]: Side, sign: number) =>
      `select '${kind}' as of_kind, '${owner}' as owner, '${account}' as account, ${sign} as sign, ` +
      `'${sign > 0 ? "to" : "from"}' as side`;
    return [of(SIDES[kind].to, 1), of(SIDES[kind].from, -1)];
  });
  const view =
    "create view ledger_entries as select m.id, m.kind, m.partner_id, m.tenant_id, m.backend_id, m.month, " +
    "m.for_month, m.units * s.sign as units, m.pico * s.sign as pico, m.batch, m.adjustment_id, m.at, s.side, s.owner, " +
    "case s.owner when 'tenant' then m.tenant_id when 'partner' then m.partner_id else m.backend_id end as owner_id, " +
    `s.account from ledger_movements as m join (${sides.join(" union all ")}) as s on s.of_kind = m.kind`;
  await sql.raw(view).execute(db);
}

async function unbookedView(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const waits =
    engine === "sqlite"
      ? "seq > (select coalesce(max(last_seq), 0) from ledger_batches)"
      : "seq in (select seq from unbooked)";
  // As expressions, so that no index is taken for them: the number finds what waits, the others all there ever was.
  const view =
    "create view unbooked_usage as select partner_id, tenant_id || '' as tenant_id, user_id, api_key_id, model_slug, " +
    "backend_id, status, tokens_in, tokens_out, cost_pico, partner_pico, tenant_pico, created_at + 0 as created_at " +
    `from usage where ${waits}`;
  await sql.raw(view).execute(db);
}

/** Nothing in the table is changed or deleted, by whom ever. */
async function seal(db: Kysely<unknown>, engine: Engine, table: string): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  const message = `${table} only ever grows`;
  if (engine === "postgres") {
    await run(
      `create function keep_${table}() returns trigger language plpgsql as $$ begin raise exception '${message}'; end $$`,
    );
    await run(
      `create trigger keep_${table} before update or delete or truncate on ${table} ` +
        `for each statement execute function keep_${table}()`,
    );
    return;
  }
  for (const verb of ["update", "delete"]) {
    await run(
      `create trigger ${table}_no_${verb} before ${verb} on ${table} begin select raise(abort, '${message}'); end`,
    );
  }
}
