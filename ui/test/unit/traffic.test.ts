import { expect, test } from "bun:test";
import { mostOf, stepsOf } from "../../src/features/overview/steps.ts";

test("each value is a step of its slot, the largest the highest; a slot without one is a gap", () => {
  const values = [1, 2, undefined, 0];
  expect(mostOf([values, [undefined]])).toBe(2);
  expect(stepsOf(values, 2)).toBe("M0 52H10L10 4H20M30 100H40");
});

test("without any value nothing is drawn, and of nothing but noughts the floor", () => {
  expect(mostOf([[undefined]])).toBe(0);
  expect(stepsOf([undefined], 0)).toBe("");
  expect(stepsOf([0], 0)).toBe("M0 100H10");
});
