import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RateLimiter, type Admitted, type LimitedScope } from "../../src/limits/limiter.ts";

const WALL_MS = 1_800_000_000_000;

function scope(level: LimitedScope["level"], limit: number, scopeId = `${level}_1`): LimitedScope {
  return { level, scopeId, limit };
}

function mustAdmit(limiter: RateLimiter, scopes: readonly LimitedScope[], nowMs: number): Admitted {
  const verdict = limiter.admit(scopes, nowMs, WALL_MS + nowMs);
  if (verdict.refused) throw new Error(`refused by ${verdict.refused}`);
  return verdict;
}

describe("RateLimiter", () => {
  test("lets exactly the limit in, then says which level is full and for how long", () => {
    const limiter = new RateLimiter();
    const scopes = [scope("key", 2), scope("user", 5)];
    mustAdmit(limiter, scopes, 500);
    expect(mustAdmit(limiter, scopes, 2_500).state).toEqual({
      limit: 2,
      remaining: 0,
      resetEpochSeconds: (WALL_MS + 61_000) / 1_000,
    });
    const verdict = limiter.admit(scopes, 10_000, WALL_MS + 10_000);
    expect(verdict).toMatchObject({
      refused: "key",
      retryAfterSeconds: 51,
      state: { limit: 2, remaining: 0 },
    });
    expect(limiter.admit(scopes, 60_999, WALL_MS).refused).toBe("key");
    mustAdmit(limiter, scopes, 61_000);
  });

  test("the headers tell of the level with the fewest requests left, whatever its place", () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < 3; i++) mustAdmit(limiter, [scope("tenant", 10)], 0);
    const state = mustAdmit(limiter, [scope("key", 60), scope("user", 0), scope("tenant", 10)], 0).state;
    expect(state).toMatchObject({ limit: 10, remaining: 6 });
  });

  test("a request refused at one level uses nothing at the others", () => {
    const limiter = new RateLimiter();
    const scopes = [scope("key", 60), scope("user", 60), scope("tenant", 1)];
    mustAdmit(limiter, scopes, 0);
    for (let i = 0; i < 500; i++) expect(limiter.admit(scopes, 0, WALL_MS).refused).toBe("tenant");
    expect(mustAdmit(limiter, [scope("key", 60)], 0).state?.remaining).toBe(58);
  });

  test("of several full levels the one that takes longest is named", () => {
    const limiter = new RateLimiter();
    mustAdmit(limiter, [scope("key", 1)], 0);
    mustAdmit(limiter, [scope("user", 1)], 30_000);
    expect(limiter.admit([scope("key", 1), scope("user", 1)], 40_000, WALL_MS)).toMatchObject({
      refused: "user",
      retryAfterSeconds: 51,
    });
  });

  test("a limit of 0 never refuses, is counted all the same, and alone gives no headers", () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < 1_000; i++) expect(mustAdmit(limiter, [scope("key", 0)], i).state).toBeUndefined();
    expect(limiter.admit([scope("key", 1_000)], 1_000, WALL_MS).refused).toBe("key");
  });

  test("a lowered limit holds at once and waits for enough room", () => {
    const limiter = new RateLimiter();
    for (let second = 0; second < 10; second++) mustAdmit(limiter, [scope("key", 60)], second * 1_000);
    expect(limiter.admit([scope("key", 5)], 9_500, WALL_MS)).toMatchObject({
      state: { remaining: 0 },
      retryAfterSeconds: 57,
    });
  });

  test("a request given back makes room once, and only while it counts", () => {
    const limiter = new RateLimiter();
    const scopes = [scope("key", 1), scope("user", 2)];
    const first = mustAdmit(limiter, scopes, 0);
    limiter.giveBack(first);
    limiter.giveBack(first);
    const second = mustAdmit(limiter, scopes, 100);
    limiter.giveBack(first);
    expect(limiter.admit(scopes, 200, WALL_MS).refused).toBe("key");
    mustAdmit(limiter, scopes, 70_000);
    limiter.giveBack(second);
    expect(limiter.admit(scopes, 70_000, WALL_MS).refused).toBe("key");
  });

  test("more than 255 requests in one second are counted", () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < 1_000; i++) mustAdmit(limiter, [scope("key", 1_000)], 5_000);
    expect(limiter.admit([scope("key", 1_000)], 65_999, WALL_MS).refused).toBe("key");
    expect(mustAdmit(limiter, [scope("key", 1_000)], 66_000).state?.remaining).toBe(999);
  });

  test("windows idle for over a minute are swept in steps; busy ones stay and keep their count", () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < 100; i++) mustAdmit(limiter, [scope("key", 5, `key_${i}`)], 0);
    mustAdmit(limiter, [scope("key", 5, "key_7")], 50_000);
    let dropped = 0;
    for (let step = 0; step < 11; step++) dropped += limiter.sweep(70_000, 10);
    expect(dropped).toBe(99);
    expect(limiter.size).toBe(1);
    expect(mustAdmit(limiter, [scope("key", 5, "key_7")], 70_000).state?.remaining).toBe(3);
  });

  test("idle windows leave even if nobody sweeps, and a full limiter refuses newcomers rather than forget", () => {
    const limiter = new RateLimiter({ windowsMax: 10 });
    for (let i = 0; i < 10; i++) mustAdmit(limiter, [scope("address", 1, `address_${i}`)], 0);
    expect(limiter.admit([scope("address", 1, "address_new")], 1_000, WALL_MS)).toMatchObject({
      refused: "address",
      retryAfterSeconds: 1,
    });
    expect(limiter.admit([scope("address", 1, "address_3")], 1_000, WALL_MS).refused).toBe("address");
    mustAdmit(limiter, [scope("address", 1, "address_new")], 61_000);
    expect(limiter.size).toBeLessThanOrEqual(10);
  });
});

describe("properties", () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(20_000), scope: fc.nat(2), back: fc.boolean() }), {
    maxLength: 400,
  });

  test("no 60 s ever hold more than the limit, whatever the arrivals", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 8 }), fc.nat(999), (arrivals, limit, startMs) => {
        const limiter = new RateLimiter();
        const admittedAt: number[] = [];
        let nowMs = startMs;
        for (const { waitMs } of arrivals) {
          nowMs += waitMs;
          if (!limiter.admit([scope("key", limit)], nowMs, WALL_MS).refused) admittedAt.push(nowMs);
        }
        for (const end of admittedAt) {
          expect(admittedAt.filter((at) => at > end - 60_000 && at <= end).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  test("verdicts, give-backs and waits agree with a list of every request counted", () => {
    fc.assert(
      fc.property(steps, (arrivals) => {
        const limiter = new RateLimiter();
        const limits = [2, 4, 6];
        const counted: { scopes: number[]; second: number }[] = [];
        let nowMs = 0;
        for (const { waitMs, scope: narrowest, back } of arrivals) {
          nowMs += waitMs;
          const second = Math.floor(nowMs / 1_000);
          const numbers = [0, 1, 2].slice(narrowest);
          const used = (of: number) =>
            counted.filter((c) => c.scopes.includes(of) && c.second > second - 61).length;
          const fits = numbers.every((of) => used(of) < (limits[of] ?? 0));
          const scopes = numbers.map((of) => scope("key", limits[of] ?? 0, `scope_${of}`));
          const verdict = limiter.admit(scopes, nowMs, WALL_MS);
          expect(verdict.refused === undefined).toBe(fits);
          if (verdict.refused) {
            // The wait that was named is enough, and a second less is not.
            const waitS = verdict.retryAfterSeconds;
            const relieved = (after: number) =>
              numbers.every(
                (of) =>
                  counted.filter(
                    (c) => c.scopes.includes(of) && c.second > Math.floor(nowMs / 1_000 + after) - 61,
                  ).length < (limits[of] ?? 0),
              );
            expect(relieved(waitS)).toBe(true);
            expect(relieved(waitS - 1)).toBe(false);
          } else if (back) {
            limiter.giveBack(verdict);
          } else {
            counted.push({ scopes: numbers, second });
          }
        }
      }),
    );
  });
});

describe("amounts", () => {
  const tokens = (limit: number) => [scope("key", limit)];

  test("are counted as a whole or not at all, with the wait until there is room for them", () => {
    const limiter = new RateLimiter();
    expect(limiter.admit(tokens(1_000), 0, WALL_MS, 600).state?.remaining).toBe(400);
    expect(limiter.admit(tokens(1_000), 5_000, WALL_MS, 300).state?.remaining).toBe(100);
    expect(limiter.admit(tokens(1_000), 10_000, WALL_MS, 101)).toMatchObject({
      refused: "key",
      retryAfterSeconds: 51,
      state: { remaining: 100 },
    });
    expect(limiter.admit(tokens(1_000), 10_000, WALL_MS, 100).refused).toBeUndefined();
  });

  test("above the whole limit are let in where nothing else counts, and then nobody else is", () => {
    const limiter = new RateLimiter();
    expect(limiter.admit(tokens(1_000), 0, WALL_MS, 5_000).refused).toBeUndefined();
    expect(limiter.admit(tokens(1_000), 0, WALL_MS, 1).refused).toBe("key");
    expect(limiter.admit(tokens(1_000), 61_000, WALL_MS, 1).refused).toBeUndefined();
    expect(limiter.admit(tokens(1_000), 61_000, WALL_MS, 5_000).refused).toBe("key");
  });

  test("are replaced by what they came to, more or less, once", () => {
    const limiter = new RateLimiter();
    const counted = (nowMs: number) => {
      const verdict = limiter.admit(tokens(1_000), nowMs, WALL_MS, 1);
      limiter.giveBack(verdict.refused === undefined ? verdict : mustAdmit(limiter, [], nowMs));
      return 999 - (verdict.state?.remaining ?? 0);
    };
    const less = limiter.admit(tokens(1_000), 0, WALL_MS, 900);
    const more = limiter.admit(tokens(1_000), 0, WALL_MS, 50);
    if (less.refused !== undefined || more.refused !== undefined) throw new Error("refused");
    limiter.correct(less, 300, 20_000);
    limiter.correct(less, 0, 20_000);
    expect(counted(20_000)).toBe(350);
    limiter.correct(more, 80, 30_000);
    expect(counted(30_000)).toBe(380);
    // What was used beyond the first count is counted when it became known.
    expect(counted(61_000)).toBe(30);
  });
});
