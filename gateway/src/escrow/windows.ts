import type { BudgetPeriod, BudgetWindow } from "../core/budget.ts";

/** What never begins anew: everything its scope has ever used. */
const EVER: BudgetWindow = Object.freeze({ start: 0 });

/**
 * The day, week or month of a time zone's calendar that an instant (epoch milliseconds) lies in. Days may have 23 or
 * 25 hours, and begin at another time than midnight where the clock skips it.
 */
export function windowAt(period: BudgetPeriod, instantMs: number, timeZone: string): BudgetWindow {
  if (period === "total") return EVER;
  const day = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timeZone).startOfDay();
  const back = period === "weekly" ? day.dayOfWeek - 1 : period === "monthly" ? day.day - 1 : 0;
  const first = day.subtract({ days: back }).startOfDay();
  const last = first.add(
    period === "daily" ? { days: 1 } : period === "weekly" ? { weeks: 1 } : { months: 1 },
  );
  return { start: first.epochMilliseconds, end: last.startOfDay().epochMilliseconds };
}

/**
 * The window after one that has ended. It begins where that ended at the earliest: a zone that has changed meanwhile
 * must not count a stretch of time twice.
 */
export function windowAfter(
  ended: number,
  period: BudgetPeriod,
  instantMs: number,
  timeZone: string,
): BudgetWindow {
  const window = windowAt(period, instantMs, timeZone);
  return window.start >= ended ? window : { ...window, start: ended };
}
