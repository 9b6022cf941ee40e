import { describe, expect, test } from "bun:test";
import type { UsageSum } from "../../src/api/types.ts";
import { blocksOf, chartOf } from "../../src/features/usage/chart.ts";
import { dayAfter, dayIn, slotCount, slotOf, unitOf } from "../../src/features/usage/question.ts";
import { exportAddress, totalsOf } from "../../src/features/usage/report.ts";
import type { UsageReport } from "../../src/features/usage/report.ts";
import { lastMonths } from "../../src/lib/months.ts";

function sum(key: string, cost: string, tokens = 10): UsageSum {
  return {
    group_key: key,
    request_count: 1,
    input_tokens: 0,
    output_tokens: tokens,
    total_tokens: tokens,
    total_cost: cost,
    backend_cost: "0",
  };
}

const REPORT: UsageReport = {
  startsAt: "2026-10-23T22:00:00Z",
  endsAt: "2026-10-27T10:00:00Z",
  timeZone: "Europe/Amsterdam",
  group: "model",
  unit: "day",
  currency: "USD",
  groups: [sum("a", "0.3"), sum("b", "0.1")],
  spans: [sum("2026-10-24", "0.1"), sum("2026-10-26", "0.3")],
  series: [{ key: "a", spans: [sum("2026-10-26", "0.3")] }],
  totals: totalsOf([sum("a", "0.3"), sum("b", "0.1")]),
};

describe("a chart", () => {
  test("has a place for each day, the one of 25 hours among them", () => {
    expect(slotCount("day", REPORT)).toBe(4);
    expect(REPORT.spans.map(({ group_key: day }) => slotOf("day", day, REPORT))).toEqual([0, 2]);
    expect(slotOf("hour", "2026-10-25T02:00+01:00", REPORT)).toBe(27);
    expect(slotCount("hour", { ...REPORT, endsAt: "2026-10-24T22:00:00Z" })).toBe(24);
  });

  test("is made of the largest and of what they leave, to the last digit", () => {
    const chart = chartOf(REPORT, "cost");
    expect(chart.spans.map(({ parts }) => parts)).toEqual([
      ["0", "0.1"],
      ["0.3", "0"],
    ]);
    expect([chart.most, chart.sums, chart.hasRest]).toEqual(["0.3", ["0.3", "0.1"], true]);
    expect([chart.from, chart.to]).toEqual(["2026-10-24", "2026-10-27"]);
    expect(chart.spans.map((span) => blocksOf(span, chart.most))).toMatchObject([
      [{ part: 1, from: 0 }],
      [{ part: 0, from: 0, height: 1 }],
    ]);
  });
});

test("a report by the hour is asked for up to two days", () => {
  const of = (start?: string, end?: string, period = "month") => unitOf({ period, start, end });
  expect([of(), of(undefined, undefined, "day"), of("2026-11-01", "2026-11-02")]).toEqual([
    "day",
    "hour",
    "hour",
  ]);
  expect(of("2026-11-01", "2026-11-03")).toBe("day");
});

test("days and months are those of the calendar", () => {
  expect([dayAfter("2026-02-28"), dayAfter("2028-02-28"), dayAfter("2026-12-31")]).toEqual([
    "2026-03-01",
    "2028-02-29",
    "2027-01-01",
  ]);
  expect(dayAfter("yesterday")).toBe("yesterday");
  expect(dayIn("Asia/Tokyo", "2026-11-30T15:00:00Z")).toBe("2026-12-01");
  expect(lastMonths(new Date(2026, 0, 31), 3)).toEqual(["2026-01", "2025-12", "2025-11"]);
});

test("the file is asked for with what the report was asked for", () => {
  const question = { period: "month", groupBy: "model", filter: { model: "a/b&c", status: undefined } };
  expect(exportAddress(REPORT, question, "csv")).toBe(
    "/v1/accounting/export?format=csv&start=2026-10-23T22%3A00%3A00Z&end=2026-10-27T10%3A00%3A00Z&model=a%2Fb%26c",
  );
});
