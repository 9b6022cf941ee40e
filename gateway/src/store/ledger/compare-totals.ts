import { type RawBuilder, sql } from "kysely";
import { formatAmount, joinAmount, type Pico } from "../../base/money.ts";
import type { Comparison } from "../../core/drift.ts";
import { MOVEMENTS, type MovementKind } from "../../core/ledger.ts";
import type { Reader } from "../store.ts";
import { joinSum, SUM_SPLIT } from "../usage/record.ts";

const split = sql.lit(SUM_SPLIT);

/** The month whose totals come after that one, the first after the last; undefined without any. */
export async function nextMonth(read: Reader, after: string): Promise<string | undefined> {
  const first = read.selectFrom("ledger_totals").select("month").orderBy("month").limit(1);
  const next = await first.where("month", ">", after).executeTakeFirst();
  return (next ?? (await first.where("month", ">", "").executeTakeFirst()))?.month;
}

/** The movements of a month and their totals, and the totals of all months and those that are kept of all. */
export async function compareTotals(read: Reader, month: string): Promise<Comparison[]> {
  // One statement, so that what is booked meanwhile is in both or in neither.
  const rows = await read
    .selectFrom(
      sql<{ part: string; kind: MovementKind; units: bigint; pico: bigint }>`(
        select 'moved' as part, kind, units, pico from ledger_movements where month = ${month}
        union all select 'total', kind, units, pico from ledger_totals where month = ${month}
        union all select 'months', kind, units, pico from ledger_totals where month > ${""}
        union all select 'all', kind, units, pico from ledger_totals where month = ${""})`.as("parts"),
    )
    .select(["part", "kind"])
    .select([
      total(sql.ref("units")).as("units"),
      total(sql`pico / ${split}`).as("high"),
      total(sql`pico % ${split}`).as("low"),
    ])
    .groupBy(["part", "kind"])
    .execute();
  const sums = new Map<string, Pico>();
  for (const { part, kind, units, high, low } of rows)
    sums.set(`${part} ${kind}`, joinAmount({ units, pico: joinSum(high, low) }));
  const told = (part: string): string =>
    MOVEMENTS.map((kind) => `${kind} ${formatAmount(sums.get(`${part} ${kind}`) ?? 0n)}`).join(", ");
  return [
    { kind: "ledger", subject: `totals ${month}`, expected: told("moved"), found: told("total") },
    { kind: "ledger", subject: "totals", expected: told("months"), found: told("all") },
  ];
}

function total(value: RawBuilder<unknown>): RawBuilder<bigint> {
  return sql<bigint>`cast(coalesce(sum(${value}), 0) as bigint)`;
}
