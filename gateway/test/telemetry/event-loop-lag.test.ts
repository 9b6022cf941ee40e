import { describe, expect, test } from "bun:test";
import { EventLoopLag } from "../../src/telemetry/event-loop-lag.ts";

describe("EventLoopLag", () => {
  test("tells by how much each tick was late, never less than nothing, and stops when told", () => {
    let nowMs = 1_000;
    let tick: (() => void) | undefined;
    const seen: number[] = [];
    const lag = new EventLoopLag({
      intervalMs: 100,
      monotonic: () => nowMs,
      every(intervalMs, run) {
        expect(intervalMs).toBe(100);
        tick = run;
        return () => (tick = undefined);
      },
      observe: (seconds) => void seen.push(seconds),
    });
    for (const elapsedMs of [100, 350, 90]) {
      nowMs += elapsedMs;
      tick?.();
    }
    expect(seen).toEqual([0, 0.25, 0]);
    expect(lag.latestMs).toBe(0);
    lag.stop();
    expect(tick).toBeUndefined();
  });
});
