import { expect, test } from "bun:test";
import { BackendHealth } from "../../src/routing/health.ts";

test("a key that several calls at once see refused gives way to the next one, not to the one behind it", () => {
  const health = new BackendHealth();
  const [one, other] = [health.keyPosition, health.keyPosition];
  health.keyRefused(one);
  health.keyRefused(other);
  expect(health.keyPosition).toBe(1);
  health.keyRefused(health.keyPosition);
  expect(health.keyPosition).toBe(2);
});
