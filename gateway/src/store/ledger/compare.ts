import { type RawBuilder, sql } from "kysely";
import { formatAmount } from "../../base/money.ts";
import type { Budget, BudgetWindow, Measure } from "../../core/budget.ts";
import type { Comparison } from "../../core/drift.ts";
import { CELL_LEVELS } from "../../core/ledger.ts";
import { usedBefore } from "../budgets/reader.ts";
import type { Reader, Store } from "../store.ts";
import { joinSum, SUM_SPLIT } from "../usage/record.ts";
import { SOURCE_SUMS, toSourceSums, type UsageSums } from "../usage/sums.ts";

const split = sql.lit(SUM_SPLIT);
const high = (value: RawBuilder<unknown>) =>
  sql<bigint>`cast(coalesce(sum(${value} / ${split}), 0) as bigint)`;
const low = (value: RawBuilder<unknown>) =>
  sql<bigint>`cast(coalesce(sum(${value} % ${split}), 0) as bigint)`;

/** What providers charge is booked by whom it was for. */
function kindsOf(kind: string): readonly string[] {
  return kind === "upstream" ? ["upstream", "probe"] : [kind];
}

/** The requests and the movements of some batches behind a number, in the order of their numbers. */
export async function compareBatches(
  read: Reader,
  after: bigint,
  bookedSince: number,
  limit: number,
): Promise<{ readonly last: bigint; readonly comparisons: readonly Comparison[] }> {
  const moved = (kind: string, part: RawBuilder<bigint>) =>
    sql<bigint>`(select ${part} from ledger_movements as m where m.batch = b.last_seq and m.kind in (${sql.join(kindsOf(kind))}))`;
  const used = (part: RawBuilder<bigint>) =>
    sql<bigint>`(select ${part} from usage as u where u.seq > b.after_seq and u.seq <= b.last_seq)`;
  const pairs = (
    [
      ["sale", "tenant_pico"],
      ["purchase", "partner_pico"],
      ["upstream", "cost_pico"],
      ["absorbed", "absorbed_pico"],
    ] as const
  ).flatMap(([kind, column]) => {
    const value = sql.ref(`u.${column}`);
    return [
      used(high(value)).as(`${kind}_high`),
      used(low(value)).as(`${kind}_low`),
      moved(kind, sql<bigint>`cast(coalesce(sum(m.units), 0) as bigint)`).as(`${kind}_units`),
      moved(kind, sql<bigint>`cast(coalesce(sum(m.pico), 0) as bigint)`).as(`${kind}_pico`),
    ];
  });
  const rows = await read
    .selectFrom("ledger_batches as b")
    .select("b.last_seq")
    .select(pairs)
    .where("b.last_seq", ">", after)
    .where("b.booked_at", ">=", BigInt(bookedSince))
    .orderBy("b.last_seq")
    .limit(limit)
    .execute();
  const amount = (row: Readonly<Record<string, bigint>>, name: string) => row[name] ?? 0n;
  const comparisons = rows.map((row): Comparison => {
    const sums = (of: (kind: string) => bigint) =>
      ["sale", "purchase", "upstream", "absorbed"]
        .map((kind) => `${kind} ${formatAmount(of(kind))}`)
        .join(", ");
    return {
      kind: "ledger",
      subject: `batch ${row.last_seq}`,
      expected: sums((kind) => joinSum(amount(row, `${kind}_high`), amount(row, `${kind}_low`))),
      found: sums((kind) => joinSum(amount(row, `${kind}_units`) * UNITS_HIGH, amount(row, `${kind}_pico`))),
    };
  });
  return { last: rows.at(-1)?.last_seq ?? 0n, comparisons };
}

/** A unit in the halves that `joinSum` joins. */
const UNITS_HIGH = 1_000_000_000_000n / SUM_SPLIT;

/** The requests of a stretch of time and the cells of each level; the stretch is made of whole quarters of an hour. */
export async function compareCells(read: Reader, startMs: number, endMs: number): Promise<Comparison[]> {
  const [start, end] = [BigInt(startMs), BigInt(endMs)];
  // One statement, so that what is booked meanwhile is on one side of it.
  const rows = await read
    .selectFrom(
      sql<{ part: bigint }>`(
        select cast(-1 as bigint) as part, requests, tokens_in, tokens_out, cost_units, cost_pico, partner_units,
          partner_pico, tenant_units, tenant_pico from (${usageRows("usage", start, end)}) as settled
        union all select cast(-2 as bigint), requests, tokens_in, tokens_out, cost_units, cost_pico, partner_units,
          partner_pico, tenant_units, tenant_pico from (${usageRows("unbooked_usage", start, end)}) as waiting
        union all select level, requests, tokens_in, tokens_out, cost_units, cost_pico, partner_units,
          partner_pico, tenant_units, tenant_pico from usage_cells
          where level in (0, 1, 2) and bucket >= ${start} and bucket < ${end})`.as("parts"),
    )
    .select("part")
    .select(SOURCE_SUMS)
    .groupBy("part")
    .execute();
  const sums = new Map(rows.map((row) => [row.part, toSourceSums(row)]));
  const settled = told(sums.get(-1n), sums.get(-2n));
  return Object.values(CELL_LEVELS).map((level) => ({
    kind: "cells",
    subject: `${new Date(startMs).toISOString()} level ${level}`,
    expected: settled,
    found: told(sums.get(level)),
  }));
}

function usageRows(table: "usage" | "unbooked_usage", start: bigint, end: bigint): RawBuilder<unknown> {
  const unit = sql.lit(1_000_000_000_000n);
  const amounts = ["cost", "partner", "tenant"].map((name) => {
    const column = sql.raw(`${name}_pico`);
    return sql`${column} / ${unit} as ${sql.raw(`${name}_units`)}, ${column} % ${unit} as ${column}`;
  });
  return sql`select cast(1 as bigint) as requests, tokens_in, tokens_out, ${sql.join(amounts)}
    from ${sql.table(table)} where created_at >= ${start} and created_at < ${end}`;
}

function told(all: UsageSums | undefined, without?: UsageSums): string {
  const of = (part: (sums: UsageSums) => bigint): bigint =>
    (all === undefined ? 0n : part(all)) - (without === undefined ? 0n : part(without));
  return (
    `requests ${of((sums) => BigInt(sums.requestCount))}, ` +
    `tokens ${of((sums) => BigInt(sums.inputTokens + sums.outputTokens))}, ` +
    `cost ${formatAmount(of(({ amounts }) => amounts.cost))}, ` +
    `partner ${formatAmount(of(({ amounts }) => amounts.partner))}, ` +
    `tenant ${formatAmount(of(({ amounts }) => amounts.tenant))}`
  );
}

/** A request that is in flight when a budget is made joins the window of then, however long it has been under way. */
const JOINED_MS = 86_400_000n;

/** Requests from before it was armed; undefined where nobody knows any more who was in the group. */
async function usedBeforeArmed(
  read: Reader,
  budget: Budget,
  window: BudgetWindow,
): Promise<Measure | undefined> {
  if (budget.armedAt === undefined) return undefined;
  if (window.start >= budget.armedAt) return { pico: 0n, tokens: 0, requests: 0 };
  return budget.scope === "group" ? undefined : await usedBefore(read, budget, window);
}

/** What the requests that name a budget have moved in a window, and what its counters say. */
export async function compareBudget(
  read: Reader,
  engine: Store["engine"],
  budget: Budget,
  window: BudgetWindow,
): Promise<Comparison | undefined> {
  const before = await usedBeforeArmed(read, budget, window);
  if (before === undefined) return undefined;
  const start = BigInt(window.start);
  const field = (name: string) =>
    engine === "sqlite"
      ? sql`cast(json_extract(p.value, ${sql.lit(`$.${name}`)}) as integer)`
      : sql`cast(p.value ->> ${sql.lit(name)} as bigint)`;
  const parts =
    engine === "sqlite"
      ? sql`usage as u, json_each(u.budgets) as p where json_extract(p.value, '$.id') = ${budget.id}`
      : sql`usage as u cross join lateral json_array_elements(u.budgets::json) as p(value)
          where p.value ->> 'id' = ${budget.id}`;
  const sums = (value: RawBuilder<bigint>) => sql<bigint>`(select ${value} from ${parts}
    and u.budgets is not null and replace(u.budgets, ${`"${budget.id}"`}, '') <> u.budgets
    and u.created_at >= ${start - JOINED_MS} and ${field("start")} = ${start})`;
  const row = await read
    .selectFrom("budget_windows as w")
    .select(["w.spent_units", "w.spent_pico", "w.spent_tokens", "w.spent_requests"])
    .select([
      sums(high(field("pico"))).as("high"),
      sums(low(field("pico"))).as("low"),
      sums(sql<bigint>`cast(coalesce(sum(${field("tokens")}), 0) as bigint)`).as("tokens"),
      sums(sql<bigint>`cast(coalesce(sum(${field("requests")}), 0) as bigint)`).as("requests"),
    ])
    .where("w.budget_id", "=", budget.id)
    .where("w.starts_at", "=", start)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const words = (pico: bigint, tokens: bigint, requests: bigint) =>
    `cost ${formatAmount(pico)}, tokens ${tokens}, requests ${requests}`;
  return {
    kind: "budget",
    subject: `${budget.id} ${new Date(window.start).toISOString()}`,
    expected: words(
      joinSum(row.high, row.low) + before.pico,
      row.tokens + BigInt(before.tokens),
      row.requests + BigInt(before.requests),
    ),
    found: words(joinSum(row.spent_units * UNITS_HIGH, row.spent_pico), row.spent_tokens, row.spent_requests),
  };
}
