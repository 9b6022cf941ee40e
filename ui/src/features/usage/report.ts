import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Told } from "../../api/client.ts";
import type { UsageSum } from "../../api/types.ts";
import { compare, sumOf } from "../../lib/decimal.ts";
import { dayAfter, dayIn, FILTER_OF, GROUPS, hasDays, unitOf } from "./question.ts";
import type { Group, Range, Unit, UsageQuestion } from "./question.ts";

const SUMMARY_PATH = "/v1/accounting/usage/summary";
/** Those that are told apart in the chart; the rest are drawn as one. */
const SERIES_MAX = 4;
/** Usage may settle between two calls: then they are made again. */
const READINGS_MAX = 3;

interface SummaryMeta {
  readonly as_of: string;
  readonly currency: string;
  readonly time_zone: string;
  readonly starts_at?: string;
}
type Query = Readonly<Record<string, string | undefined>>;
type Summary = (query: Query) => Promise<Told<readonly UsageSum[], SummaryMeta>>;

/** What was used together. Amounts are decimal texts. */
export interface Totals {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tokens: number;
  readonly cost: string;
  readonly backendCost: string;
}

/** One line of the chart: what one group used in each span. */
export interface Series {
  readonly key: string;
  readonly spans: readonly UsageSum[];
}

/** All that one usage page shows, of one moment: every sum of it adds up to the same. */
export interface UsageReport extends Range {
  readonly group: Group;
  readonly unit: Unit;
  readonly currency: string;
  readonly groups: readonly UsageSum[];
  readonly spans: readonly UsageSum[];
  /** The largest groups, the largest first; none where there is only one. */
  readonly series: readonly Series[];
  readonly totals: Totals;
  /** Of as long a time just before; absent where there is no beginning. */
  readonly before?: Totals;
}

/** What was used, summed by one thing, the largest first. */
export function summaryQuery(api: Api, query: Query) {
  return queryOptions({
    queryKey: ["usage", "summary", query],
    queryFn: async ({ signal }): Promise<readonly UsageSum[]> =>
      bySize(await api.data<readonly UsageSum[]>("GET", SUMMARY_PATH, { query, signal })),
  });
}

/** A report, read in several calls that see the same usage. */
export function usageReportQuery(api: Api, question: UsageQuestion) {
  return queryOptions({
    queryKey: ["usage", question],
    queryFn: ({ signal }) => readReport(api, question, signal),
    placeholderData: keepPreviousData,
  });
}

async function readReport(api: Api, question: UsageQuestion, signal: AbortSignal): Promise<UsageReport> {
  const { groupBy, filter } = question;
  const summary: Summary = (query) =>
    api.told(SUMMARY_PATH, {
      query: { ...filter, ...query },
      signal,
    });
  const unit = unitOf(question);
  const first = await summary({ ...askedRange(question), group_by: unit });
  const range: Range = {
    startsAt: first.meta.starts_at ?? first.meta.as_of,
    endsAt: await endOf(question, first.meta, summary),
    timeZone: first.meta.time_zone,
  };
  const within = { start: range.startsAt, end: range.endsAt };
  const read = async (query: Query) => (await summary({ ...within, ...query })).data;
  const { groups, spans } = await agreeing(async () => {
    const [byGroup, bySpan] = await Promise.all([read({ group_by: groupBy }), read({ group_by: unit })]);
    return { groups: byGroup, spans: bySpan };
  });
  // Another one has been refused.
  const group = GROUPS.find((name) => name === groupBy) ?? "model";
  const largest = groups.length > 1 ? bySize(groups).slice(0, SERIES_MAX) : [];
  const [series, before] = await Promise.all([
    Promise.all(
      largest.map(async ({ group_key: key }) => ({
        key,
        spans: await read({ [FILTER_OF[group]]: key, group_by: unit }),
      })),
    ),
    summary({ ...rangeBefore(range), group_by: "model" }),
  ]);
  return {
    ...range,
    group,
    unit,
    currency: first.meta.currency,
    groups: bySize(groups),
    spans,
    series,
    totals: totalsOf(groups),
    before: totalsOf(before.data),
  };
}

/** The same question as the gateway takes it, before it is known when that is. */
function askedRange({ period, start, end }: UsageQuestion): Query {
  if (!hasDays({ start, end })) return { period };
  return { start: start ?? end, end: end === undefined ? undefined : dayAfter(end) };
}

/** What settles later is not of this report: it ends when it was made, or before. */
async function endOf({ end }: UsageQuestion, meta: SummaryMeta, summary: Summary): Promise<string> {
  const { as_of: asOf, time_zone: timeZone } = meta;
  if (end === undefined || end >= dayIn(timeZone, asOf)) return asOf;
  // Where that day ends is the gateway's to say: it knows the calendar.
  const next = dayAfter(end);
  return (await summary({ start: next, end: next, group_by: "model" })).meta.starts_at ?? asOf;
}

/** As long a time, just before. */
function rangeBefore({ startsAt, endsAt }: Range): Query {
  const startMs = Date.parse(startsAt);
  const lengthMs = Math.max(0, Date.parse(endsAt) - startMs);
  return { start: new Date(startMs - lengthMs).toISOString(), end: startsAt };
}

interface Sums {
  readonly groups: readonly UsageSum[];
  readonly spans: readonly UsageSum[];
}

async function agreeing(read: () => Promise<Sums>): Promise<Sums> {
  let sums = await read();
  for (let n = 1; n < READINGS_MAX && !isSame(totalsOf(sums.groups), totalsOf(sums.spans)); n++) {
    sums = await read();
  }
  return sums;
}

function isSame(one: Totals, other: Totals): boolean {
  return one.requests === other.requests && one.tokens === other.tokens && one.cost === other.cost;
}

function bySize(sums: readonly UsageSum[]): readonly UsageSum[] {
  return sums.toSorted(
    (one, other) =>
      compare(other.total_cost, one.total_cost) ||
      other.total_tokens - one.total_tokens ||
      other.request_count - one.request_count,
  );
}

/** The sum of sums, to the last digit. */
export function totalsOf(sums: readonly UsageSum[]): Totals {
  const count = (of: (sum: UsageSum) => number): number => sums.reduce((all, sum) => all + of(sum), 0);
  return {
    requests: count((sum) => sum.request_count),
    inputTokens: count((sum) => sum.input_tokens),
    outputTokens: count((sum) => sum.output_tokens),
    tokens: count((sum) => sum.total_tokens),
    cost: sumOf(sums.map((sum) => sum.total_cost)),
    backendCost: sumOf(sums.map((sum) => sum.backend_cost)),
  };
}

/** Where the single records of a report are to be had as a file. */
export function exportAddress(report: Range, { filter }: UsageQuestion, format: "csv" | "ndjson"): string {
  const params = new URLSearchParams({ format, start: report.startsAt, end: report.endsAt });
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) params.set(name, value);
  return `/v1/accounting/export?${params.toString()}`;
}
