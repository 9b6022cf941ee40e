import { sql } from "kysely";
import { joinAmount } from "../../base/money.ts";
import type { Amounts } from "../../core/accounting.ts";
import { joinSum, SUM_SPLIT } from "./record.ts";

/** What requests come to together; amounts are exact at any size. */
export interface UsageSums {
  readonly requestCount: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The caller is shown its own level's and the one below it paid, never the level above. */
  readonly amounts: Amounts;
}

/** Two sums together. */
export function addSums(a: UsageSums, b: UsageSums): UsageSums {
  return {
    requestCount: a.requestCount + b.requestCount,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    amounts: {
      cost: a.amounts.cost + b.amounts.cost,
      partner: a.amounts.partner + b.amounts.partner,
      tenant: a.amounts.tenant + b.amounts.tenant,
    },
  };
}

/** The sums of nothing. */
export const NO_USAGE: UsageSums = {
  requestCount: 0,
  inputTokens: 0,
  outputTokens: 0,
  amounts: { cost: 0n, partner: 0n, tenant: 0n },
};

// A sum of 64-bit integers is one on SQLite and a decimal on PostgreSQL: the cast makes them one.
const total = (column: string) => sql<bigint>`cast(coalesce(sum(${sql.ref(column)}), 0) as bigint)`;
const split = sql.lit(SUM_SPLIT);
const high = (column: string) => sql<bigint>`cast(coalesce(sum(${sql.ref(column)} / ${split}), 0) as bigint)`;
const low = (column: string) => sql<bigint>`cast(coalesce(sum(${sql.ref(column)} % ${split}), 0) as bigint)`;

/** What to select of `usage` for the sums of a group. */
export const SUMS = [
  sql<bigint>`count(*)`.as("requests"),
  total("tokens_in").as("tokens_in"),
  total("tokens_out").as("tokens_out"),
  high("cost_pico").as("cost_high"),
  low("cost_pico").as("cost_low"),
  high("partner_pico").as("partner_high"),
  low("partner_pico").as("partner_low"),
  high("tenant_pico").as("tenant_high"),
  low("tenant_pico").as("tenant_low"),
] as const;

type SumName = "requests" | "tokens_in" | "tokens_out" | `${"cost" | "partner" | "tenant"}_${"high" | "low"}`;

/** The sums of a selected row. */
export function toSums(row: Readonly<Record<SumName, bigint>>): UsageSums {
  return {
    requestCount: Number(row.requests),
    inputTokens: Number(row.tokens_in),
    outputTokens: Number(row.tokens_out),
    amounts: {
      cost: joinSum(row.cost_high, row.cost_low),
      partner: joinSum(row.partner_high, row.partner_low),
      tenant: joinSum(row.tenant_high, row.tenant_low),
    },
  };
}

/** What usage is grouped by, as its columns. */
export const SOURCE_DIMENSIONS = [
  "partner_id",
  "tenant_id",
  "user_id",
  "api_key_id",
  "model_slug",
  "backend_id",
  "status",
] as const;

// Amounts that come in two columns: whole units, and the pico beyond them.
const units = (name: string) => total(`${name}_units`);

/** What to select of `usageSource` for the sums of a group. */
export const SOURCE_SUMS = [
  total("requests").as("requests"),
  total("tokens_in").as("tokens_in"),
  total("tokens_out").as("tokens_out"),
  units("cost").as("cost_units"),
  high("cost_pico").as("cost_high"),
  low("cost_pico").as("cost_low"),
  units("partner").as("partner_units"),
  high("partner_pico").as("partner_high"),
  low("partner_pico").as("partner_low"),
  units("tenant").as("tenant_units"),
  high("tenant_pico").as("tenant_high"),
  low("tenant_pico").as("tenant_low"),
] as const;

/** The sums of a row selected with SOURCE_SUMS. */
export function toSourceSums(
  row: Readonly<Record<SumName | `${"cost" | "partner" | "tenant"}_units`, bigint>>,
): UsageSums {
  const { amounts, ...sums } = toSums(row);
  return {
    ...sums,
    amounts: {
      cost: joinAmount({ units: row.cost_units, pico: amounts.cost }),
      partner: joinAmount({ units: row.partner_units, pico: amounts.partner }),
      tenant: joinAmount({ units: row.tenant_units, pico: amounts.tenant }),
    },
  };
}
