import { describe, expect, test } from "bun:test";
import { expiryOf } from "../../src/features/api-keys/expiry.ts";
import { curlSnippet, pythonSnippet } from "../../src/features/api-keys/snippets.ts";
import { barsOf } from "../../src/features/requests/waterfall.ts";
import { showCurrency, formatMoney, formatMs, formatRelative, formatWholeMs } from "../../src/lib/format.ts";

describe("an amount is never rounded", () => {
  test.each([
    ["0", "$0.00"],
    ["1", "$1.00"],
    ["2.5", "$2.50"],
    ["0.000123", "$0.000123"],
    ["0.000000000001", "$0.000000000001"],
    ["1234567.891", "$1,234,567.891"],
    ["-0.01", "−$0.01"],
    ["98765432109876543210.12", "$98,765,432,109,876,543,210.12"],
  ])("%s is shown as %s", (decimal, shown) => expect(formatMoney(decimal)).toBe(shown));
});

test("amounts are shown in the installation's currency", () => {
  try {
    showCurrency("EUR");
    expect(formatMoney("-1234.5")).toBe("−€1,234.50");
    showCurrency("CHF");
    expect(formatMoney("0.1")).toBe("CHF 0.10");
  } finally {
    showCurrency("USD");
  }
  expect(formatMoney("1")).toBe("$1.00");
});

test("durations are told in the unit of their size", () => {
  expect([0.034, 4.2, 480, 1500, 90_000].map(formatMs)).toEqual([
    "0.03 ms",
    "4.2 ms",
    "480 ms",
    "1.50 s",
    "1.5 min",
  ]);
});

test("a duration told in whole milliseconds is never more exact than it is", () => {
  expect([0, 1, 9, 14, 1500].map(formatWholeMs)).toEqual(["< 1 ms", "1 ms", "9 ms", "14 ms", "1.50 s"]);
});

test("distances in time are told in the unit of their size, both ways", () => {
  const now = Date.parse("2026-01-10T00:00:00Z");
  expect(formatRelative("2026-01-09T23:59:30Z", now)).toContain("30");
  expect(formatRelative("2026-01-09T22:00:00Z", now)).toContain("2");
  expect(formatRelative("2026-01-13T00:00:00Z", now)).toContain("3");
});

describe("the expiry of a key", () => {
  const now = Date.parse("2026-01-10T12:00:00Z");

  test("is absent for never and for a date that is none", () => {
    expect(expiryOf("never", "", now)).toBeUndefined();
    expect(expiryOf("date", "", now)).toBeUndefined();
  });

  test("counts days from now", () => {
    expect(expiryOf("30", "", now)).toBe("2026-02-09T12:00:00.000Z");
  });

  test("lies at the end of a chosen day, in the reader's time", () => {
    const end = new Date(expiryOf("date", "2026-03-01", now) ?? "");
    expect([end.getDate(), end.getHours(), end.getMinutes()]).toEqual([1, 23, 59]);
  });
});

describe("snippets", () => {
  const parts = { baseUrl: "http://localhost:8000", key: "sgk_x", model: 'it\'s "odd"' };

  test("survive a model's quotation marks: the shell hands on the JSON that was meant", () => {
    const line = curlSnippet(parts).replace(/^curl \S+/, "printf '%s\\n'");
    const shell = Bun.spawnSync(["sh", "-c", line]);
    const sent: unknown = JSON.parse(shell.stdout.toString().split("-d\n")[1] ?? "");
    expect(sent).toMatchObject({ model: parts.model });
  });

  test("are Python where they say so", () => {
    expect(pythonSnippet(parts)).toContain(String.raw`"model": "it's \"odd\""`);
  });
});

test("a step's bar begins where the step before it ended, and attempts stand where they began", () => {
  const bars = barsOf({
    timeline: [
      { step: "admitted", at_ms: 1 },
      { step: "held", at_ms: 3, note: "0.000123" },
      { step: "settled", at_ms: 10, note: "later" },
    ],
    attempts: [
      { backend_id: "be_1", started_ms: 3.5, duration_ms: 1, outcome: "server_error" },
      { backend_id: "be_2", started_ms: 5, duration_ms: 4, outcome: "ok" },
    ],
  });
  expect(bars.map(({ label, startMs, endMs, kind, note }) => [label, startMs, endMs, kind, note])).toEqual([
    ["admitted", 0, 1, "stage", undefined],
    ["held", 1, 3, "stage", "$0.000123"],
    ["attempt 1", 3.5, 4.5, "failed_attempt", "server error"],
    ["attempt 2", 5, 9, "attempt", undefined],
    ["settled", 3, 10, "stage", "later"],
  ]);
});
