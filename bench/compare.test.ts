import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeTable, compare } from "./compare.ts";
import type { Figure } from "./figure.ts";
import { load, save } from "./stored.ts";

const folder = mkdtempSync(join(tmpdir(), "scaigrid-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CPU = { id: "chat.cpu", name: "CPU", unit: "µs", scalesWith: "chat call" } as const;
const RATE = { id: "chat.rate", name: "rate", unit: "/s", scalesWith: "chat call" } as const;
const START = { id: "start.cold", name: "start", unit: "ms", scalesWith: "chat call" } as const;
const MEMORY = { id: "memory", name: "memory", unit: "MB" } as const;

function cpu(gateway: readonly number[], bun: readonly number[]): Figure {
  return { ...CPU, values: { gateway, bun } };
}

/** The last word of a table's only line. */
function flag(before: readonly Figure[], after: readonly Figure[]): string | undefined {
  return changeTable(compare(before, after)).split("\n")[2]?.split(/ {2,}/)[5];
}

test("a machine that is slower at everything is no change", () => {
  const slow = [
    cpu([100, 104], [40, 40]),
    { ...RATE, values: { gateway: [5000, 5100], bun: [12_500] } },
    { ...START, values: { gateway: [800, 820] } },
  ];
  const fast = [
    cpu([50, 52], [20, 20]),
    { ...RATE, values: { gateway: [10_000, 10_200], bun: [25_000] } },
    { ...START, values: { gateway: [400, 410] } },
  ];
  const changes = compare(slow, fast);
  expect(changes.map(({ ratio }) => ratio)).toEqual([1, 1, 1]);
  expect(changes.map(({ isBeyondSpread }) => isBeyondSpread)).toEqual([false, false, false]);
});

test("a round that was noisy for the proxy too is no change", () => {
  expect(flag([cpu([50, 100], [20, 40])], [cpu([51, 51], [20.4, 20.4])])).toBeUndefined();
});

test("a cost is worse when every round is above every round before, and not when they overlap", () => {
  expect(flag([cpu([50, 55], [20, 20])], [cpu([56, 60], [20, 20])])).toBe("worse");
  expect(flag([cpu([50, 55], [20, 20])], [cpu([54, 60], [20, 20])])).toBeUndefined();
  expect(flag([cpu([50, 55], [20, 20])], [cpu([49, 45], [20, 20])])).toBe("better");
});

test("more calls a second are better", () => {
  const values = (gateway: number[]) => [{ ...RATE, values: { gateway } }];
  expect(flag(values([10_000, 11_000]), values([12_000, 13_000]))).toBe("better");
  expect(flag(values([10_000, 11_000]), values([8000, 9000]))).toBe("worse");
});

test("what does not scale with the machine is compared as it is", () => {
  const memory = (mb: number): Figure => ({ ...MEMORY, values: { gateway: [mb] } });
  const [, change] = compare([cpu([50], [20]), memory(100)], [cpu([25], [10]), memory(100)]);
  expect(change).toMatchObject({ ratio: 1, measuredBy: undefined });
  expect(flag([memory(100)], [memory(104)])).toBeUndefined();
  expect(flag([memory(100)], [memory(120)])).toBe("worse");
});

test("without the proxy in both runs values are compared as they are, and it says so", () => {
  const start = (ms: number): Figure => ({ ...START, values: { gateway: [ms] } });
  expect(compare([start(400)], [cpu([50], [20]), start(800)])).toMatchObject([
    { ratio: 2, measuredBy: undefined },
  ]);
});

test("figures that one of the runs does not have are left out", () => {
  expect(compare([cpu([50], [20])], [{ ...MEMORY, values: { gateway: [1] } }])).toEqual([]);
});

test("a saved result is loaded as it was, to four digits", async () => {
  const file = join(folder, "deep/result.json");
  const machine = { processors: "2 × any", system: "linux", bun: "1.4.5" };
  const about = { date: "2026-11-30", machine, seconds: 6 };
  await save(file, { ...about, figures: [cpu([50.123456, 51], [20.5])] });
  expect(await load(file)).toEqual({ format: 1, ...about, figures: [cpu([50.12, 51], [20.5])] });
});

test("a file that is missing or no result is refused with what to do", async () => {
  const file = join(folder, "other.json");
  await Bun.write(file, `{"format":0}`);
  for (const path of [file, join(folder, "missing.json")]) {
    const said = await load(path).then(() => "nothing", String);
    expect(said).toContain(`make one with --save ${path}`);
  }
});
