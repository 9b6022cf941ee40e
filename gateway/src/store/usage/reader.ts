import { sql } from "kysely";
import type { Pico } from "../../base/money.ts";
import { PLATFORM_ID } from "../../core/probe.ts";
import type { Scope } from "../../core/scope.ts";
import type { Reader } from "../store.ts";
import { usageCondition, type UsageFilter } from "./filter.ts";
import { toRecord, type UsageRecord } from "./record.ts";
import { usageSource } from "./source.ts";
import { SOURCE_SUMS, toSourceSums, type UsageSums } from "./sums.ts";

/** Where a page ended: the last record on it. */
export interface UsageCursor {
  readonly createdAt: number;
  readonly id: string;
}

/** Records within the scope, newest first, at most `limit` from after the cursor. */
export async function listUsage(
  read: Reader,
  scope: Scope,
  filter: UsageFilter,
  page: { readonly limit: number; readonly after?: UsageCursor },
): Promise<UsageRecord[]> {
  const { after } = page;
  let query = read
    .selectFrom("usage")
    .selectAll()
    .where(usageCondition(scope, filter))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(page.limit);
  if (after !== undefined) {
    query = query.where((eb) =>
      eb(eb.refTuple("created_at", "id"), "<", eb.tuple(BigInt(after.createdAt), after.id)),
    );
  }
  return (await query.execute()).map(toRecord);
}

/** The settled record of one request, if it is within the scope. */
export async function findUsage(
  read: Reader,
  scope: Scope,
  usageId: string,
): Promise<UsageRecord | undefined> {
  const row = await read
    .selectFrom("usage")
    .selectAll()
    .where("id", "=", usageId)
    .where(usageCondition(scope, {}))
    .executeTakeFirst();
  return row && toRecord(row);
}

/** What a summary can be grouped by, besides spans of time. */
export const USAGE_GROUPS = ["model", "user", "backend", "tenant", "partner", "api_key"] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

const GROUP_COLUMNS = {
  model: "model_slug",
  user: "user_id",
  backend: "backend_id",
  tenant: "tenant_id",
  partner: "partner_id",
  api_key: "api_key_id",
} as const satisfies Record<UsageGroup, string>;

/** The sums of one group. */
export interface UsageSummary extends UsageSums {
  readonly groupKey: string;
}

/** Sums per group, in order of the group's key. */
export async function summarizeUsage(
  read: Reader,
  scope: Scope,
  filter: UsageFilter,
  group: UsageGroup,
): Promise<UsageSummary[]> {
  const column = GROUP_COLUMNS[group];
  const rows = await read
    .selectFrom(usageSource({ scope, filter, by: [column] }))
    .select(SOURCE_SUMS)
    .select((eb) => eb.ref(column).as("group_key"))
    .groupBy(column)
    .orderBy(column)
    .execute();
  return rows.map((row) => ({ groupKey: row.group_key, ...toSourceSums(row) }));
}

/** A day or an hour of somebody's calendar, worked out by the caller in their time zone. */
export interface Span {
  readonly label: string;
  /** Epoch milliseconds, inclusive. */
  readonly startMs: number;
  /** Epoch milliseconds, exclusive. */
  readonly endMs: number;
}

/** The most spans of one summary: a month of hours, or two years of days. */
export const SPANS_MAX = 800;

/** Sums per span, in the order given; spans without usage are left out. Throws RangeError above SPANS_MAX. */
export async function summarizeUsageBySpan(
  read: Reader,
  scope: Scope,
  filter: UsageFilter,
  spans: readonly Span[],
): Promise<UsageSummary[]> {
  if (spans.length > SPANS_MAX) throw new RangeError(`at most ${SPANS_MAX} spans in one summary`);
  if (spans.length === 0) return [];
  const values = spans.map(
    ({ startMs, endMs }, position) =>
      sql`(cast(${BigInt(position)} as bigint), cast(${BigInt(startMs)} as bigint), cast(${BigInt(endMs)} as bigint))`,
  );
  const rows = await read
    .with(
      "span(position, starts_at, ends_at)",
      () => sql<{ position: bigint; starts_at: bigint; ends_at: bigint }>`(values ${sql.join(values)})`,
    )
    .selectFrom(usageSource({ scope, filter, by: [], spans }))
    .select(SOURCE_SUMS)
    .select("position")
    .groupBy("position")
    .orderBy("position")
    .execute();
  return rows.map((row) => ({ groupKey: spans[Number(row.position)]?.label ?? "", ...toSourceSums(row) }));
}

/** A small request of the platform's own to a backend, as it was booked. */
export interface BookedProbe {
  readonly ok: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly cost: Pico;
}

/** More than a thousand backends are sent in ten minutes. */
const PROBES_MAX = 10_000;

/** The last probe of each backend that was probed since then, by its id. */
export async function lastProbes(read: Reader, sinceMs: number): Promise<ReadonlyMap<string, BookedProbe>> {
  const rows = await read
    .selectFrom("usage")
    .select(["backend_id", "created_at", "status", "cost_pico"])
    .where("tenant_id", "=", PLATFORM_ID)
    .where("created_at", ">=", BigInt(sinceMs))
    .orderBy("created_at", "desc")
    .limit(PROBES_MAX)
    .execute();
  const last = new Map<string, BookedProbe>();
  for (const { backend_id: id, created_at: at, status, cost_pico: cost } of rows) {
    if (!last.has(id)) last.set(id, { ok: status === "completed", at: Number(at), cost });
  }
  return last;
}
