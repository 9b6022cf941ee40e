import { type AliasedExpression, type RawBuilder, sql, type SqlBool } from "kysely";
import { PICO_PER_UNIT } from "../../base/money.ts";
import { BUCKET_MS, CELL_LEVELS } from "../../core/ledger.ts";
import type { Scope } from "../../core/scope.ts";
import { usageCondition, type UsageFilter } from "./filter.ts";
import type { SOURCE_DIMENSIONS } from "./sums.ts";

/** What reports group by. */
export type Dimension = (typeof SOURCE_DIMENSIONS)[number];

/** Sums by what reports group by, from cells and single requests alike. */
export interface SourceRow extends Record<Dimension, string> {
  /** When it began; of a cell: its quarter of an hour. */
  at: bigint;
  late_bucket: bigint;
  /** Number of the span it is in; 0 where there are none. */
  position: bigint;
  requests: bigint;
  tokens_in: bigint;
  tokens_out: bigint;
  cost_units: bigint;
  cost_pico: bigint;
  partner_units: bigint;
  partner_pico: bigint;
  tenant_units: bigint;
  tenant_pico: bigint;
}

/** A stretch of time, in epoch milliseconds, the end exclusive. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** Beyond every instant, and a whole number of buckets. */
const FOR_EVER_MS = 9_000_000_000_000_000 - (9_000_000_000_000_000 % BUCKET_MS);

export interface SourceQuestion {
  readonly scope: Scope;
  readonly filter: UsageFilter;
  /** What the sums are grouped by, besides time. */
  readonly by: readonly Dimension[];
  /** Spans of time in their order that begin and end with buckets, but for the first begin and the last end. */
  readonly spans?: readonly Stretch[];
  /** Without what is not booked yet. */
  readonly bookedOnly?: boolean;
}

/**
 * Where sums are taken from: cells for the whole quarters of an hour, single requests for what is left of them at both
 * ends, and those that are not booked yet. In one statement: what is booked meanwhile is in one of them, never in both.
 */
export function usageSource(question: SourceQuestion): AliasedExpression<SourceRow, "source"> {
  const { filter, spans, bookedOnly = false } = question;
  const startMs = filter.startMs ?? 0;
  const endMs = filter.endMs ?? FOR_EVER_MS;
  const whole = { startMs: up(startMs), endMs: down(endMs) };
  const isAligned = spans?.slice(1).every((span) => span.startMs % BUCKET_MS === 0) ?? true;
  const { rows, cells } = new Branches(question);
  if (
    filter.metadata !== undefined ||
    filter.batch !== undefined ||
    !isAligned ||
    whole.startMs >= whole.endMs
  )
    return union([rows("usage", { startMs, endMs })]);
  const branches = [cells(whole)];
  if (!bookedOnly) branches.push(rows("unbooked_usage", whole));
  if (startMs < whole.startMs) branches.push(rows("usage", { startMs, endMs: whole.startMs }));
  if (whole.endMs < endMs) branches.push(rows("usage", { startMs: whole.endMs, endMs }));
  return union(branches);
}

function union(branches: readonly RawBuilder<unknown>[]): AliasedExpression<SourceRow, "source"> {
  return sql<SourceRow>`(${sql.join(branches, sql` union all `)})`.as<"source">("source");
}

const up = (ms: number): number => Math.ceil(ms / BUCKET_MS) * BUCKET_MS;
const down = (ms: number): number => Math.floor(ms / BUCKET_MS) * BUCKET_MS;

const DIMENSIONS = sql`partner_id, tenant_id, user_id, api_key_id, model_slug, backend_id, status`;
const AMOUNTS = ["cost", "partner", "tenant"] as const;
const UNIT = sql.lit(PICO_PER_UNIT);

/** The parts of the union: each names the same columns. */
class Branches {
  readonly #question: SourceQuestion;
  readonly #condition: RawBuilder<unknown>;

  constructor(question: SourceQuestion) {
    this.#question = question;
    const { startMs: _start, endMs: _end, ...filter } = question.filter;
    this.#condition = sql`${usageCondition(question.scope, filter)}`;
  }

  readonly cells = (stretch: Stretch): RawBuilder<unknown> => {
    const amounts = AMOUNTS.map((name) => sql.raw(`${name}_units, ${name}_pico`));
    const level = sql.lit(levelOf(this.#question));
    return sql`select bucket as at, late_bucket, ${this.#position}, ${DIMENSIONS}, requests, tokens_in, tokens_out,
      ${sql.join(amounts)} from ${this.#from("usage_cells", "bucket", stretch)} and level = ${level} and ${this.#condition}`;
  };

  readonly rows = (table: "usage" | "unbooked_usage", stretch: Stretch): RawBuilder<unknown> => {
    const amounts = AMOUNTS.map((name) => {
      const column = sql.raw(`${name}_pico`);
      return sql`${column} / ${UNIT} as ${sql.raw(`${name}_units`)}, ${column} % ${UNIT} as ${column}`;
    });
    return sql`select created_at as at, cast(0 as bigint) as late_bucket, ${this.#position}, ${DIMENSIONS},
      cast(1 as bigint) as requests, tokens_in, tokens_out, ${sql.join(amounts)}
      from ${this.#from(table, "created_at", stretch)} and ${this.#condition}`;
  };

  get #position(): RawBuilder<unknown> {
    return this.#question.spans === undefined ? sql`cast(0 as bigint) as position` : sql`position`;
  }

  /** With spans: one range of the index for each, instead of a look at every span for every row. */
  #from(table: string, column: string, { startMs, endMs }: Stretch): RawBuilder<unknown> {
    const at = sql.ref(column);
    const within = sql<SqlBool>`${at} >= ${BigInt(startMs)} and ${at} < ${BigInt(endMs)}`;
    const { spans } = this.#question;
    if (spans === undefined) return sql`${sql.table(table)} where ${within}`;
    return sql`span join ${sql.table(table)} on ${at} >= starts_at and ${at} < ends_at where ${within}`;
  }
}

const OF_DETAIL: readonly Dimension[] = ["user_id", "api_key_id"];
const OF_MODEL: readonly Dimension[] = ["model_slug", "backend_id", "status"];

/** The coarsest cells that tell apart what is asked for. */
function levelOf({ scope, filter, by }: SourceQuestion): bigint {
  const { userId, apiKeyId, apiKeyIds, modelSlug, backendId, status } = filter;
  const asks = (dimensions: readonly Dimension[]): boolean => by.some((each) => dimensions.includes(each));
  const isDetail = userId !== undefined || apiKeyId !== undefined || apiKeyIds !== undefined;
  if (isDetail || scope.level === "user" || asks(OF_DETAIL)) return CELL_LEVELS.detail;
  const isModel = modelSlug !== undefined || backendId !== undefined || status !== undefined;
  return isModel || asks(OF_MODEL) ? CELL_LEVELS.model : CELL_LEVELS.tenant;
}
