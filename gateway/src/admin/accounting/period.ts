import { BUCKET_MS } from "../../core/ledger.ts";
import type { Span } from "../../store/usage/reader.ts";

export const PERIODS = ["hour", "day", "week", "month"] as const;
export type Period = (typeof PERIODS)[number];

/** Where the running period began, in the calendar of the time zone; weeks start on Monday. Epoch milliseconds. */
export function periodStart(period: Period, nowMs: number, timeZone: string): number {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
  if (period === "hour") return now.round({ smallestUnit: "hour", roundingMode: "floor" }).epochMilliseconds;
  const day = now.startOfDay();
  const back = period === "week" ? day.dayOfWeek - 1 : period === "month" ? day.day - 1 : 0;
  return day.subtract({ days: back }).startOfDay().epochMilliseconds;
}

/** The end of the quarter of an hour that an instant is in: sums up to there need no look at single requests. */
export function bucketEnd(atMs: number): number {
  return atMs - (atMs % BUCKET_MS) + BUCKET_MS;
}

/** An instant as it is told, or the beginning of a day (`2026-11-21`) in the calendar of the time zone. */
export function instantOf(text: string, timeZone: string): number {
  if (text.includes("T")) return Date.parse(text);
  return Temporal.PlainDate.from(text).toZonedDateTime({ timeZone }).epochMilliseconds;
}

/** A month (`2026-11`) of a time zone's calendar. Epoch milliseconds, the end exclusive. */
export function monthSpan(
  month: string,
  timeZone: string,
): { readonly startMs: number; readonly endMs: number } {
  const first = Temporal.PlainDate.from(`${month}-01`);
  const begins = (day: Temporal.PlainDate) => day.toZonedDateTime({ timeZone }).epochMilliseconds;
  return { startMs: begins(first), endMs: begins(first.add({ months: 1 })) };
}

/**
 * The days or hours of a time zone that a range touches, labelled as people write them (`2026-11-21`,
 * `2026-11-21T14:00+01:00`). Days may have 23 or 25 hours. At most `spansMax`; undefined when there are more.
 */
export function spansOf(
  unit: "day" | "hour",
  startMs: number,
  endMs: number,
  timeZone: string,
  spansMax: number,
): Span[] | undefined {
  const spans: Span[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(periodStart(unit, startMs, timeZone)).toZonedDateTimeISO(
    timeZone,
  );
  while (at.epochMilliseconds < endMs) {
    if (spans.length === spansMax) return undefined;
    const next = unit === "day" ? at.add({ days: 1 }).startOfDay() : at.add({ hours: 1 });
    spans.push({
      label:
        unit === "day"
          ? at.toPlainDate().toString()
          : `${at.toPlainDateTime().toString({ smallestUnit: "minute" })}${at.offset}`,
      startMs: Math.max(at.epochMilliseconds, startMs),
      endMs: Math.min(next.epochMilliseconds, endMs),
    });
    at = next;
  }
  return spans;
}
