import { sql, type SqlBool } from "kysely";
import { CELL_LEVELS, MONTH_CLOSES_MS } from "../../core/ledger.ts";
import type { Scope } from "../../core/scope.ts";
import type { Reader } from "../store.ts";
import { usageCondition, type UsageFilter } from "./filter.ts";
import { type Stretch, usageSource } from "./source.ts";
import { SOURCE_SUMS, toSourceSums, type UsageSums } from "./sums.ts";

/** The sums of one model that one tenant has used. */
export interface StatementLine extends UsageSums {
  readonly tenantId: string;
  readonly modelSlug: string;
}

/** A line about a quarter of an hour (epoch milliseconds) of a month that was closed when it was booked. */
export interface LateLine extends StatementLine {
  readonly bucket: number;
}

/** A month of some calendar, and where the one before began. */
export interface StatementMonth extends Stretch {
  readonly previousMs: number;
  /** Whether nothing is added to it any more. */
  readonly isClosed: boolean;
}

/** Whose statement it is. */
export type StatementNarrowing = Omit<UsageFilter, "startMs" | "endMs" | "metadata">;

/** What was admitted in the month and booked before it was closed, per tenant and model, in this order. Rejects with TooManyRows. */
export async function statementLines(
  read: Reader,
  scope: Scope,
  narrowing: StatementNarrowing,
  { startMs, endMs, isClosed }: StatementMonth,
): Promise<StatementLine[]> {
  const filter = { ...narrowing, startMs, endMs };
  const closesMs = BigInt(endMs + MONTH_CLOSES_MS);
  const rows = await read
    .selectFrom(usageSource({ scope, filter, by: ["tenant_id", "model_slug"], bookedOnly: isClosed }))
    .select(SOURCE_SUMS)
    .select(["tenant_id", "model_slug"])
    .where("late_bucket", "<", closesMs)
    .groupBy(["tenant_id", "model_slug"])
    .orderBy("tenant_id")
    .orderBy("model_slug")
    .execute();
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    modelSlug: row.model_slug,
    ...toSourceSums(row),
  }));
}

/** What was booked in the month of others that were closed by then. Rejects with TooManyRows. */
export async function lateLines(
  read: Reader,
  scope: Scope,
  narrowing: StatementNarrowing,
  { startMs, endMs, previousMs }: StatementMonth,
): Promise<LateLine[]> {
  const [start, end, previous] = [BigInt(startMs), BigInt(endMs), BigInt(previousMs)];
  const rows = await read
    .selectFrom("usage_cells")
    .select(SOURCE_SUMS)
    .select(["tenant_id", "model_slug", "bucket"])
    .where("level", "=", CELL_LEVELS.model)
    // As it stands in the index.
    .where(sql<SqlBool>`late_bucket > 0`)
    .where("late_bucket", ">=", start)
    .where("late_bucket", "<", end)
    .where("bucket", "<", start)
    // The month before is open for another day.
    .where(sql<SqlBool>`not (bucket >= ${previous} and late_bucket < ${BigInt(startMs + MONTH_CLOSES_MS)})`)
    .where(usageCondition(scope, narrowing))
    .groupBy(["tenant_id", "model_slug", "bucket"])
    .orderBy("bucket")
    .orderBy("tenant_id")
    .orderBy("model_slug")
    .execute();
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    modelSlug: row.model_slug,
    bucket: Number(row.bucket),
    ...toSourceSums(row),
  }));
}
