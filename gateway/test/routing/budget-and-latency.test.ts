import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { AccountUse } from "../../src/routing/account.ts";
import { ModelHealth } from "../../src/routing/health.ts";
import { Latency, STALE_MS } from "../../src/routing/latency.ts";
import { RetryBudget } from "../../src/routing/retry-budget.ts";

describe("the retry budget of a model", () => {
  function spentAt(budget: RetryBudget, nowMs: number): number {
    let spent = 0;
    for (; budget.hasRoom(nowMs); spent++) budget.spend(nowMs);
    return spent;
  }

  test.each([
    [0, 10],
    [50, 10],
    [100, 20],
    [1_000, 200],
  ])("of %p requests in a minute is %p", (requests, allowed) => {
    const budget = new RetryBudget(0);
    for (let i = 0; i < requests; i++) budget.requested(i);
    expect(spentAt(budget, 1_000)).toBe(allowed);
  });

  test("comes back when the minute is over", () => {
    const budget = new RetryBudget(0);
    expect(spentAt(budget, 0)).toBe(10);
    expect(spentAt(budget, 59_999)).toBe(0);
    expect(spentAt(budget, 61_000)).toBe(10);
  });

  test("never lets through more than a fifth, or ten, in any minute", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { minLength: 50, maxLength: 300 }), (gaps) => {
        const budget = new RetryBudget(0);
        const [requests, retries]: [number[], number[]] = [[], []];
        let nowMs = 0;
        for (const gap of gaps) {
          nowMs += gap;
          budget.requested(nowMs);
          requests.push(nowMs);
          if (!budget.hasRoom(nowMs)) continue;
          budget.spend(nowMs);
          retries.push(nowMs);
          const since = (times: readonly number[], ms: number) =>
            times.filter((at) => at > nowMs - ms).length;
          const allowed = Math.max(10, since(requests, 61_000) * 0.2);
          expect(since(retries, 60_000)).toBeLessThanOrEqual(allowed);
        }
      }),
      { numRuns: 30 },
    );
  });
});

test("with every circuit open one call a second goes through", () => {
  const model = new ModelHealth(0);
  const passed = Array.from({ length: 100 }, (_, i) => i * 100).filter((nowMs) => model.trickles(nowMs));
  expect(passed).toEqual(Array.from({ length: 10 }, (_, i) => i * 1_000));
  expect(model.trickleMsAt(9_100)).toBe(900);
});

describe("the latency of a backend", () => {
  test("is an average in which the last calls weigh most", () => {
    const latency = new Latency();
    expect(latency.at(0)).toBeUndefined();
    latency.measured(100, 0);
    latency.measured(200, 1);
    expect(latency.at(1)).toBe(120);
    for (let i = 0; i < 50; i++) latency.measured(200, 2);
    expect(latency.at(2)).toBeGreaterThan(199);
  });

  test("is unknown again after a minute without a call, and then begins anew", () => {
    const latency = new Latency();
    latency.measured(100, 0);
    expect(latency.at(STALE_MS)).toBeUndefined();
    expect(latency.last).toBe(100);
    latency.measured(900, STALE_MS);
    expect(latency.at(STALE_MS)).toBe(900);
  });
});

describe("what the account of a backend takes", () => {
  test("is so many requests a minute", () => {
    const use = new AccountUse();
    for (let i = 0; i < 3; i++) {
      expect(use.waitMs({ rpm: 3 }, 1_000)).toBe(0);
      use.sent(10, 1_000, "a");
    }
    expect(use.waitMs({ rpm: 3 }, 1_000)).toBe(61_000);
    expect(use.waitMs({ rpm: 4 }, 1_000)).toBe(0);
    expect(use.waitMs({ rpm: 3 }, 62_000)).toBe(0);
  });

  test("is so many tokens a minute, counted as they turn out", () => {
    const use = new AccountUse();
    use.sent(40, 0, "a");
    expect(use.waitMs({ tpm: 100 }, 0)).toBe(0);
    use.used(60, 0, "a");
    expect(use.waitMs({ tpm: 100 }, 0)).toBe(61_000);
  });

  /** How many of so many requests of a tenant are taken. */
  function taken(use: AccountUse, tenant: string, requests: number, nowMs: number, rpm = 10): number {
    let count = 0;
    for (let i = 0; i < requests; i++) {
      if (use.waitMs({ rpm }, nowMs, tenant) > 0) continue;
      use.sent(1, nowMs, tenant);
      count++;
    }
    return count;
  }

  test("is not all for the tenant that comes at once: a fifth stays for those with less than an equal share", () => {
    const use = new AccountUse();
    expect(taken(use, "burst", 100, 0)).toBe(8);
    expect(taken(use, "other", 100, 0)).toBe(2);
    expect(taken(use, "burst", 100, 0)).toBe(0);
    // Full is full.
    expect(taken(use, "third", 100, 0)).toBe(0);
    // Whoever alone knows of the account may fill it.
    expect(taken(new AccountUse(), "alone", 100, 0)).toBe(8);
  });

  test("goes to everybody in equal parts where all want more than there is", () => {
    const use = new AccountUse();
    const tenants = ["a", "b", "c", "d"];
    const seen = new Map<string, number>();
    for (let nowMs = 0; nowMs < 600_000; nowMs += 500) {
      for (const tenant of tenants) {
        const wanted = tenant === "a" ? 20 : 2;
        seen.set(tenant, (seen.get(tenant) ?? 0) + taken(use, tenant, wanted, nowMs, 100));
      }
    }
    const all = [...seen.values()].reduce((sum, one) => sum + one, 0);
    // 100 a minute for ten minutes, of which what is kept is not always asked for.
    expect(all).toBeGreaterThanOrEqual(900);
    expect(all).toBeLessThanOrEqual(1_000);
    // The others keep what an equal share beside one more comes to, or more, however hard the first one pushes.
    for (const tenant of ["b", "c", "d"]) expect(seen.get(tenant)).toBeGreaterThanOrEqual(all / 10);
  });

  test("is told with the time until there is more for this tenant", () => {
    const use = new AccountUse();
    for (let i = 0; i < 8; i++) use.sent(1, i * 1_000, "burst");
    expect(use.waitMs({ rpm: 10 }, 8_000)).toBe(0);
    expect(use.waitMs({ rpm: 10 }, 8_000, "burst")).toBe(53_000);
    expect(use.waitMs({ rpm: 10 }, 8_000, "other")).toBe(0);
    expect(use.waitMs({ rpm: 10 }, 61_000, "burst")).toBe(0);
  });

  test("is shared by tokens as by requests", () => {
    const use = new AccountUse();
    use.sent(900, 0, "burst");
    expect(use.waitMs({ tpm: 1_000 }, 0, "burst")).toBe(61_000);
    expect(use.waitMs({ tpm: 1_000 }, 0, "other")).toBe(0);
  });
});
