import { expect, test } from "bun:test";
import { Restarts } from "../../src/main/processes/restarts.ts";

test("a process that ends at once is started again after longer and longer pauses, one that has lived after a short one", () => {
  const restarts = new Restarts();
  const pauses = Array.from({ length: 8 }, () => restarts.pauseMs(1_000));
  expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  expect(restarts.pauseMs(60_000)).toBe(200);
  expect(restarts.pauseMs(1_000)).toBe(400);
});
