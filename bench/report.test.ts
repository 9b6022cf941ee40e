import { expect, test } from "bun:test";
import { yardsticksOf } from "./figure.ts";
import type { Figure, Floor } from "./figure.ts";
import { factorsOf } from "./machine.ts";
import { loadNotes, table, verdict } from "./report.ts";

const AT_MOST: Floor = { sense: "at most", floor: 50, aim: 30, timesBun: 3, scales: true };
const AT_LEAST: Floor = { sense: "at least", floor: 15_000, aim: 25_000, scales: true };

function chat(gateway: readonly number[], bun: readonly number[], floor = AT_MOST): Figure {
  const about = { id: "chat.cpu", name: "CPU", unit: "µs", digits: 1, scalesWith: "chat call" } as const;
  return { ...about, floor, values: { gateway, bun } };
}

/** The cells of the only line below the head. */
function cells(figure: Figure, factors = factorsOf(yardsticksOf([figure]))): string[] {
  return table([figure], factors).split("\n")[2]?.split(/ {2,}/) ?? [];
}

test.each([
  [AT_MOST, 30, 17, "aim reached"],
  [AT_MOST, 31, 17, "floor reached"],
  [AT_MOST, 50, 17, "floor reached"],
  [AT_MOST, 50.1, 17, "misses the floor"],
  [AT_MOST, 30, 9, "misses the ratio"],
  [AT_LEAST, 25_000, undefined, "aim reached"],
  [AT_LEAST, 15_000, undefined, "floor reached"],
  [AT_LEAST, 14_999, undefined, "misses the floor"],
] as const)("%o: %d beside %d is: %s", (floor, gateway, bun, said) => {
  expect(verdict(floor, gateway, bun)).toBe(said);
});

test("a line shows medians, the ratio to the reference, and both verdicts", () => {
  expect(cells(chat([99, 90, 10], [34, 33, 35]))).toEqual([
    "CPU",
    "90.0 µs",
    "34.0 µs",
    "-",
    "2.65 ×",
    "at most 50, aim 30, 3 × Bun",
    "misses the floor",
    "floor reached",
  ]);
});

test("a slower machine lowers the rate that is asked of it, and nothing that does not scale", () => {
  const twice = { "chat call": 2 };
  expect(cells(chat([12_500], [1], AT_LEAST), twice).slice(-2)).toEqual(["misses the floor", "aim reached"]);
  const { scales: _, ...fixed } = AT_MOST;
  expect(cells(chat([60], [30], fixed), twice).slice(-2)).toEqual(["misses the floor", "-"]);
});

test("without the yardstick in the run there is no verdict for the machine", () => {
  const figure: Figure = { ...chat([40], []), values: { gateway: [40] } };
  expect(cells(figure).slice(1)).toEqual([
    "40.0 µs",
    "-",
    "-",
    "-",
    "at most 50, aim 30, 3 × Bun",
    "floor reached",
    "-",
  ]);
});

test("a difference below nothing has no ratio", () => {
  expect(cells(chat([5], [-0.1]))[4]).toBe("-");
});

test("a program that was not kept busy has its rate called a lower bound", () => {
  const rate: Figure = { id: "chat.rate", name: "rate", unit: "/s", values: {} };
  const busy: Figure = { ...rate, id: "chat.busy", values: { gateway: [99], bun: [89.6, 60, 95] } };
  expect(loadNotes([rate, busy])).toEqual([
    "Calls per second, bun: the load was the limit, or something else on its core (90 % busy): a lower bound.",
  ]);
  expect(loadNotes([busy])).toEqual([]);
});
