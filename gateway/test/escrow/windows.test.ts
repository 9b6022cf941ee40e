import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { BUDGET_PERIODS, type BudgetPeriod } from "../../src/core/budget.ts";
import { windowAfter, windowAt } from "../../src/escrow/windows.ts";

/** A window as its two instants. */
function told(period: BudgetPeriod, at: string, zone: string): readonly (string | undefined)[] {
  const { start, end } = windowAt(period, Date.parse(at), zone);
  return [start, end].map((instant) => (instant === undefined ? undefined : new Date(instant).toISOString()));
}

const HOUR_MS = 3_600_000;

describe("the window of an instant", () => {
  test.each([
    ["daily", "2026-11-30T23:59:59.999Z", "UTC", "2026-11-30T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
    ["daily", "2026-11-30T15:00:00Z", "Asia/Tokyo", "2026-11-30T15:00:00.000Z", "2026-12-01T15:00:00.000Z"],
    ["daily", "2026-11-30T14:59:59Z", "Asia/Tokyo", "2026-11-29T15:00:00.000Z", "2026-11-30T15:00:00.000Z"],
    // A Monday, and a Sunday.
    ["weekly", "2026-11-30T00:00:00Z", "UTC", "2026-11-30T00:00:00.000Z", "2026-12-07T00:00:00.000Z"],
    ["weekly", "2026-11-29T23:59:59Z", "UTC", "2026-11-23T00:00:00.000Z", "2026-11-30T00:00:00.000Z"],
    ["monthly", "2026-01-31T12:00:00Z", "UTC", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"],
    ["monthly", "2028-02-29T12:00:00Z", "UTC", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"],
    // Both nights on which Amsterdam changes its clocks.
    [
      "daily",
      "2026-03-29T12:00:00Z",
      "Europe/Amsterdam",
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
    ],
    [
      "daily",
      "2026-10-25T12:00:00Z",
      "Europe/Amsterdam",
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
    ],
    [
      "weekly",
      "2026-10-25T12:00:00Z",
      "Europe/Amsterdam",
      "2026-10-18T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
    ],
    [
      "monthly",
      "2026-03-10T12:00:00Z",
      "Europe/Amsterdam",
      "2026-02-28T23:00:00.000Z",
      "2026-03-31T22:00:00.000Z",
    ],
    // Here the clock skips midnight itself.
    [
      "daily",
      "2026-09-06T12:00:00Z",
      "America/Santiago",
      "2026-09-06T04:00:00.000Z",
      "2026-09-07T03:00:00.000Z",
    ],
  ] as const)("%s at %s in %s", (period, at, zone, start, end) => {
    expect(told(period, at, zone)).toEqual([start, end]);
  });

  test("a total has neither beginning nor end", () => {
    expect(windowAt("total", 1_000, "UTC")).toEqual({ start: 0 });
  });

  test("windows follow one another without a gap, and hold the instant they are of", () => {
    const zone = fc.constantFrom(
      "UTC",
      "Asia/Tokyo",
      "Europe/Amsterdam",
      "America/Santiago",
      "Australia/Lord_Howe",
    );
    const period = fc.constantFrom(...BUDGET_PERIODS.filter((each) => each !== "total"));
    const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2032, 0, 1) });
    fc.assert(
      fc.property(period, instant, zone, (each, at, where) => {
        const { start, end = 0 } = windowAt(each, at, where);
        expect(start).toBeLessThanOrEqual(at);
        expect(end).toBeGreaterThan(at);
        expect(windowAt(each, end, where).start).toBe(end);
        expect(windowAt(each, start, where)).toEqual({ start, end });
        expect(end - start).toBeGreaterThanOrEqual(22 * HOUR_MS);
      }),
      { numRuns: 300 },
    );
  });

  test("after a change of the zone the next one begins where the last has ended", () => {
    const last = windowAt("daily", Date.parse("2026-11-30T12:00:00Z"), "UTC");
    const next = windowAfter(last.end ?? 0, "daily", last.end ?? 0, "Asia/Tokyo");
    expect(next).toEqual({ start: last.end ?? 0, end: Date.parse("2026-12-01T15:00:00Z") });
  });
});
