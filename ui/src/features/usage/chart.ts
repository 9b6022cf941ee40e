import type { UsageSum } from "../../api/types.ts";
import { compare, difference, shareOf, sumOf } from "../../lib/decimal.ts";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { dayIn, lastInstant, slotCount, slotOf } from "./question.ts";
import type { UsageReport } from "./report.ts";

export const MEASURES = ["cost", "tokens", "requests"] as const;
export type Measure = (typeof MEASURES)[number];

/** One span of a chart: how much, and of whom. */
export interface ChartSpan {
  readonly label: string;
  readonly slot: number;
  readonly total: string;
  /** One for each series, in their order, and last what is left for the rest; of one group alone, that. */
  readonly parts: readonly string[];
}

export interface Chart {
  readonly slots: number;
  /** The first and the last place: days, or instants. */
  readonly from: string;
  readonly to: string;
  readonly spans: readonly ChartSpan[];
  /** The tallest. */
  readonly most: string;
  /** Of each part, over all spans. */
  readonly sums: readonly string[];
  readonly hasRest: boolean;
}

/** How much of a measure, as a decimal text. */
export function amountOf(measure: Measure, sum: UsageSum): string {
  if (measure === "cost") return sum.total_cost;
  return String(measure === "tokens" ? sum.total_tokens : sum.request_count);
}

/** A decimal text of a measure as people read it. */
export function measureWords(measure: Measure, amount: string): string {
  return measure === "cost" ? formatMoney(amount) : formatCount(Number(amount));
}

/** What is drawn of a report. */
export function chartOf(report: UsageReport, measure: Measure): Chart {
  const bySeries = report.series.map(
    ({ spans }) => new Map(spans.map((sum) => [sum.group_key, amountOf(measure, sum)])),
  );
  const spans = report.spans.map((sum): ChartSpan => {
    const total = amountOf(measure, sum);
    const named = bySeries.map((amounts) => amounts.get(sum.group_key) ?? "0");
    return {
      label: sum.group_key,
      slot: slotOf(report.unit, sum.group_key, report),
      total,
      parts: [...named, difference(total, sumOf(named))],
    };
  });
  const width = report.series.length + 1;
  const sums = Array.from({ length: width }, (_, at) => sumOf(spans.map(({ parts }) => parts[at] ?? "0")));
  const { unit, startsAt, endsAt, timeZone } = report;
  const end = lastInstant(report);
  return {
    from: unit === "day" ? dayIn(timeZone, startsAt) : startsAt,
    to: unit === "day" ? dayIn(timeZone, end) : endsAt,
    slots: Math.max(slotCount(report.unit, report), ...spans.map(({ slot }) => slot + 1)),
    spans,
    most: spans.reduce((most, { total }) => (compare(total, most) > 0 ? total : most), "0"),
    sums,
    hasRest: report.groups.length > report.series.length,
  };
}

/** A rectangle of a bar: shares of the height of the chart, from the bottom. */
export interface Block {
  readonly part: number;
  readonly from: number;
  readonly height: number;
}

/** The parts of a span on top of each other. */
export function blocksOf({ parts }: ChartSpan, most: string): readonly Block[] {
  let from = 0;
  return parts.flatMap((amount, part) => {
    const height = shareOf(amount, most);
    if (height <= 0) return [];
    const block = { part, from, height };
    from += height;
    return [block];
  });
}
