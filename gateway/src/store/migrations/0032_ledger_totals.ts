import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import { MOVEMENTS, SIDES, type Side } from "../../core/ledger.ts";
import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

const KEY = ["month", "partner_id", "tenant_id", "kind", "backend_id"] as const;
const UNIT = "1000000000000";

/** How a total that is there is added to; what is more than a unit of the pico is carried. */
const ADDED =
  `on conflict (${KEY.join(", ")}) do update set ` +
  `units = ledger_totals.units + excluded.units + (ledger_totals.pico + excluded.pico) / ${UNIT}, ` +
  `pico = (ledger_totals.pico + excluded.pico) % ${UNIT}`;

/**
 * What movements have come to, by everything balances are asked for: kept by whoever inserts movements, in the same
 * transaction. Month `''`: all of them.
 */
export const ledgerTotals: Migration = {
  version: 32,
  name: "ledger_totals",
  async up(db, engine) {
    const columns = new Columns(engine);
    let table: CreateTableBuilder<string, string> = columns.end(db.schema.createTable("ledger_totals"));
    for (const name of KEY) table = table.addColumn(name, "text", required);
    await table
      .addColumn("units", columns.integer, required)
      .addColumn("pico", columns.integer, required)
      .addPrimaryKeyConstraint(`ledger_totals.${KEY.join()}`, [...KEY])
      .execute();
    const byTenant = db.schema.createIndex("ledger_totals_by_tenant").on("ledger_totals");
    await byTenant.columns(["tenant_id", "month"]).execute();
    await sql.raw(`${summed("ledger_movements")} ${ADDED}`).execute(db);
    await (engine === "sqlite" ? keepOnSqlite(db) : keepOnPostgres(db));
    await totalsView(db);
  },
};

/** The totals of some movements, each in its month and in all; in one order, so that two writers do not wait for each other. */
function summed(table: string): string {
  const pico = "cast(sum(m.pico) as bigint)";
  return (
    `insert into ledger_totals (${KEY.join(", ")}, units, pico) ` +
    "select months.month, m.partner_id, coalesce(m.tenant_id, ''), m.kind, coalesce(m.backend_id, ''), " +
    `cast(sum(m.units) as bigint) + ${pico} / ${UNIT}, ${pico} % ${UNIT} from ${table} as m ` +
    // All there are, and none.
    `join (select distinct month from ${table} union select '') as months on months.month in ('', m.month) ` +
    "where true group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5"
  );
}

async function keepOnSqlite(db: Kysely<unknown>): Promise<void> {
  const rest =
    "new.partner_id, coalesce(new.tenant_id, ''), new.kind, coalesce(new.backend_id, ''), new.units, new.pico";
  await sql
    .raw(
      "create trigger ledger_movements_total after insert on ledger_movements begin " +
        `insert into ledger_totals (${KEY.join(", ")}, units, pico) values (new.month, ${rest}), ('', ${rest}) ${ADDED}; end`,
    )
    .execute(db);
}

async function keepOnPostgres(db: Kysely<unknown>): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  await run(
    "create function add_ledger_totals() returns trigger language plpgsql as $$ begin " +
      `${summed("added")} ${ADDED}; return null; end $$`,
  );
  await run(
    "create trigger ledger_movements_total after insert on ledger_movements referencing new table as added " +
      "for each statement execute function add_ledger_totals()",
  );
}

/** Both sides of each total, as `ledger_entries` tells those of a movement. */
async function totalsView(db: Kysely<unknown>): Promise<void> {
  const sides = MOVEMENTS.flatMap((kind) => {
    const of = ([owner, account]: Side, sign: number) =>
      `select '${kind}' as of_kind, '${owner}' as owner, '${account}' as account, ${sign} as sign`;
    return [of(SIDES[kind].to, 1), of(SIDES[kind].from, -1)];
  });
  const view =
    "create view ledger_account_totals as select t.kind, t.partner_id, t.tenant_id, t.backend_id, t.month, " +
    "t.units * s.sign as units, t.pico * s.sign as pico, s.owner, " +
    "case s.owner when 'tenant' then t.tenant_id when 'partner' then t.partner_id else t.backend_id end as owner_id, " +
    `s.account from ledger_totals as t join (${sides.join(" union all ")}) as s on s.of_kind = t.kind`;
  await sql.raw(view).execute(db);
}
