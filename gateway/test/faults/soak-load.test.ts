import { expect, test } from "bun:test";
import { isBalanced, soak } from "./soak/soak.ts";

/** `npm run soak` sends fifty times as many, and allows half of it. */
const REQUESTS = 4_000;
const GROWTH_MB = 20;

test("thousands of calls, many of them with faults, leave no memory, socket or intent behind", async () => {
  const result = await soak({ requests: REQUESTS, warmUp: REQUESTS, atOnce: 32, collections: 3 });
  expect(result.surprises).toEqual([]);
  expect([result, isBalanced(result)]).toEqual([result, true]);
  expect(result.sockets).toBeLessThanOrEqual(64);
  expect(result.after.residentMb - result.before.residentMb).toBeLessThan(GROWTH_MB);
}, 180_000);
