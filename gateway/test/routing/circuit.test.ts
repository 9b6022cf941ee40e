import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { CALLS_MIN, Circuit, FAILURES_IN_A_ROW, FIRST_REST_MS, REST_MS } from "../../src/routing/circuit.ts";

/** Neither early nor late. */
const MIDDLE = 0.5;

/** A circuit on a clock of its own. */
class Bench {
  readonly circuit = new Circuit();
  nowMs = 1_000;

  fail(times = 1): void {
    for (let i = 0; i < times; i++) this.circuit.failed(this.circuit.enter(this.nowMs), this.nowMs, MIDDLE);
  }
  succeed(times = 1): void {
    for (let i = 0; i < times; i++) this.circuit.succeeded(this.circuit.enter(this.nowMs), this.nowMs);
  }
  wait(ms: number): void {
    this.nowMs += ms;
  }
  get state(): string {
    return this.circuit.stateAt(this.nowMs);
  }
  get admits(): boolean {
    return this.circuit.admits(this.nowMs);
  }
}

function opened(): Bench {
  const bench = new Bench();
  bench.fail(FAILURES_IN_A_ROW);
  return bench;
}

describe("a circuit", () => {
  test("opens with the fifth failure in a row; a success in between starts the row anew", () => {
    const bench = new Bench();
    bench.fail(4);
    bench.succeed();
    bench.fail(4);
    expect([bench.state, bench.admits]).toEqual(["closed", true]);
    bench.fail();
    expect([bench.state, bench.admits]).toEqual(["open", false]);
  });

  test("opens when more than half of at least twenty calls in 30 seconds fail, and not at half", () => {
    const bench = new Bench();
    for (let i = 0; i < CALLS_MIN / 2; i++) {
      bench.fail();
      bench.succeed();
    }
    expect(bench.state).toBe("closed");
    bench.fail();
    expect(bench.state).toBe("open");
  });

  test("does not count what is longer ago than 31 seconds", () => {
    const bench = new Bench();
    for (let i = 0; i < CALLS_MIN / 2; i++) {
      bench.fail();
      bench.succeed();
    }
    bench.wait(31_000);
    bench.fail(2);
    bench.succeed();
    bench.fail(2);
    expect(bench.state).toBe("closed");
  });

  test("lets one probe through once it has rested 10 seconds, and closes when that begins to answer", () => {
    const bench = opened();
    bench.wait(FIRST_REST_MS - 1);
    expect([bench.state, bench.admits]).toEqual(["open", false]);
    bench.wait(1);
    expect([bench.state, bench.admits]).toEqual(["half_open", true]);
    const probe = bench.circuit.enter(bench.nowMs);
    expect(bench.admits).toBe(false);
    bench.circuit.began(probe);
    expect([bench.state, bench.admits]).toEqual(["closed", true]);
    // What was counted before is forgotten.
    bench.fail(4);
    expect(bench.state).toBe("closed");
  });

  test("rests 20 seconds after each probe that failed, and 10 again once it has been closed", () => {
    const bench = opened();
    bench.wait(FIRST_REST_MS);
    for (let i = 0; i < 3; i++) {
      bench.fail();
      bench.wait(REST_MS - 1);
      expect(bench.admits).toBe(false);
      bench.wait(1);
      expect(bench.admits).toBe(true);
    }
    bench.succeed();
    bench.fail(FAILURES_IN_A_ROW);
    expect(bench.circuit.restMsAt(bench.nowMs)).toBe(FIRST_REST_MS);
  });

  test("rests up to a tenth less or more, so that nodes do not come back in step", () => {
    const rests = [0, 1].map((random) => {
      const circuit = new Circuit();
      for (let i = 0; i < FAILURES_IN_A_ROW; i++) circuit.failed(circuit.enter(0), 0, random);
      return circuit.restMsAt(0);
    });
    expect(rests).toEqual([9_000, 11_000]);
  });

  test("is not moved by a 429; a probe that meets one is made again after the same rest", () => {
    const bench = new Bench();
    for (let i = 0; i < 50; i++) {
      bench.circuit.limited(bench.circuit.enter(bench.nowMs), bench.nowMs, MIDDLE);
    }
    expect(bench.state).toBe("closed");
    bench.fail(FAILURES_IN_A_ROW);
    bench.wait(FIRST_REST_MS);
    bench.circuit.limited(bench.circuit.enter(bench.nowMs), bench.nowMs, MIDDLE);
    expect(bench.circuit.restMsAt(bench.nowMs)).toBe(FIRST_REST_MS);
  });

  test("lets the next call probe when one was broken off for a reason that is not the backend's", () => {
    const bench = opened();
    bench.wait(FIRST_REST_MS);
    bench.circuit.spared(bench.circuit.enter(bench.nowMs));
    expect([bench.state, bench.admits]).toEqual(["half_open", true]);
  });

  test("waits two minutes for a probe that is never heard of again", () => {
    const bench = opened();
    bench.wait(FIRST_REST_MS);
    bench.circuit.enter(bench.nowMs);
    bench.wait(119_999);
    expect(bench.admits).toBe(false);
    bench.wait(1);
    expect(bench.admits).toBe(true);
  });

  test("takes no word of calls that were under way when it opened or closed", () => {
    const bench = new Bench();
    const late = Array.from({ length: 3 }, () => bench.circuit.enter(bench.nowMs));
    bench.fail(FAILURES_IN_A_ROW);
    bench.wait(5_000);
    const [failed, succeeded, begun] = late;
    bench.circuit.failed(failed ?? 0, bench.nowMs, MIDDLE);
    bench.circuit.succeeded(succeeded ?? 0, bench.nowMs);
    bench.circuit.began(begun ?? 0);
    expect([bench.state, bench.circuit.restMsAt(bench.nowMs)]).toEqual(["open", 5_000]);
  });

  test("is closed by whoever knows better", () => {
    const bench = opened();
    bench.circuit.close();
    expect(bench.state).toBe("closed");
  });

  test("whatever comes, at most one probe is let through per rest, and calls that succeed close it", () => {
    const step = fc.record({
      waitMs: fc.nat(12_000),
      outcome: fc.constantFrom("failed", "limited", "succeeded", "pending"),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const circuit = opened().circuit;
        let nowMs = 1_000;
        let lastProbeMs = Number.NEGATIVE_INFINITY;
        for (const { waitMs, outcome, random } of steps) {
          nowMs += waitMs;
          if (!circuit.admits(nowMs)) continue;
          const isProbe = circuit.stateAt(nowMs) !== "closed";
          const pass = circuit.enter(nowMs);
          if (isProbe) {
            // A rest is 9 s at least.
            expect(nowMs - lastProbeMs).toBeGreaterThanOrEqual(9_000);
            lastProbeMs = nowMs;
            expect(circuit.admits(nowMs)).toBe(false);
          }
          if (outcome === "failed") circuit.failed(pass, nowMs, random);
          if (outcome === "limited") circuit.limited(pass, nowMs, random);
          if (outcome === "succeeded") circuit.succeeded(pass, nowMs);
          if (isProbe && outcome === "succeeded") expect(circuit.stateAt(nowMs)).toBe("closed");
          if (circuit.stateAt(nowMs) === "closed") lastProbeMs = Number.NEGATIVE_INFINITY;
        }
      }),
    );
  });
});
