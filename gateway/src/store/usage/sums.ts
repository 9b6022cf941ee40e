import { sql } from "kysely";
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
