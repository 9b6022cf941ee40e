import { sql } from "kysely";
import { MOVEMENTS, SIDES, type Side } from "../../core/ledger.ts";
import { PLATFORM_ID } from "../../core/probe.ts";
import { Columns } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** How often backends may be probed at a cost, and the account of the platform's own probes in what tells the ledger. */
export const paidProbes: Migration = {
  version: 33,
  name: "paid_probes",
  async up(db, engine) {
    const columns = new Columns(engine);
    await db.schema.alterTable("backends").addColumn("probes_per_hour", columns.integer).execute();
    const run = (text: string) => sql.raw(text).execute(db);
    await run("drop view ledger_entries");
    await run("drop view ledger_account_totals");
    await run(
      "create view ledger_entries as select m.id, m.kind, m.partner_id, m.tenant_id, m.backend_id, m.month, " +
        "m.for_month, m.units * s.sign as units, m.pico * s.sign as pico, m.batch, m.adjustment_id, m.at, s.side, " +
        `s.owner, ${ownerId("m")} as owner_id, s.account from ledger_movements as m ` +
        `join (${sides()}) as s on s.of_kind = m.kind`,
    );
    await run(
      "create view ledger_account_totals as select t.kind, t.partner_id, t.tenant_id, t.backend_id, t.month, " +
        `t.units * s.sign as units, t.pico * s.sign as pico, s.owner, ${ownerId("t")} as owner_id, s.account ` +
        `from ledger_totals as t join (${sides()}) as s on s.of_kind = t.kind`,
    );
  },
};

function sides(): string {
  const of = (kind: string, [owner, account]: Side, sign: number) =>
    `select '${kind}' as of_kind, '${owner}' as owner, '${account}' as account, ${sign} as sign, ` +
    `'${sign > 0 ? "to" : "from"}' as side`;
  return MOVEMENTS.flatMap((kind) => [of(kind, SIDES[kind].to, 1), of(kind, SIDES[kind].from, -1)]).join(
    " union all ",
  );
}

function ownerId(table: string): string {
  return (
    `case s.owner when 'tenant' then ${table}.tenant_id when 'partner' then ${table}.partner_id ` +
    `when 'platform' then '${PLATFORM_ID}' else ${table}.backend_id end`
  );
}
