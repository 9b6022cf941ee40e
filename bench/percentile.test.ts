import { expect, test } from "bun:test";
import { distribution, median, percentile } from "./percentile.ts";

test("a percentile is a measured value that the given share does not exceed", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 99, 100]);
  expect([0.01, 0.5, 0.99, 1].map((share) => percentile([7], share))).toEqual([7, 7, 7, 7]);
});

test("a distribution sorts by number, not by word", () => {
  expect(distribution([100, 9, 20])).toEqual({ p50: 20, p99: 100, max: 100 });
});

test("nothing measured is 0 in a distribution, and no median", () => {
  expect(distribution([])).toEqual({ p50: 0, p99: 0, max: 0 });
  expect(median([])).toBeUndefined();
});

test("the median of an even number is the lower of the two in the middle", () => {
  expect(median([40, 10, 30, 20])).toBe(20);
});
