import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Budget, BudgetPart, Measure } from "../../src/core/budget.ts";
import { Escrow } from "../../src/escrow/escrow.ts";
import { roomOf, stateOf } from "../../src/escrow/judge.ts";
import { least, NOTHING, plus } from "../../src/escrow/measure.ts";
import { budgetOf } from "./sample-budget.ts";

const NOON = Date.parse("2026-11-30T12:00:00Z");
const DAY_MS = 86_400_000;

const need = (pico: bigint): Measure => ({ pico, tokens: Number(pico), requests: 1 });
const escrow = (): Escrow => new Escrow(() => "UTC");

/** The parts of a hold. Throws when it was refused. */
function held(of: Escrow, budget: Budget, pico: bigint, at = NOON): readonly BudgetPart[] {
  const { parts } = of.hold([{ budget, need: need(pico) }], at);
  if (parts === undefined) throw new Error("refused");
  return parts;
}

describe("a hold", () => {
  test("takes the last that is left, and says whether more will come back", () => {
    const [of, budget] = [escrow(), budgetOf()];
    const first = held(of, budget, 60n);
    held(of, budget, 40n);
    const wants = [{ budget, need: need(1n) }];
    expect(of.hold(wants, NOON).refusal).toMatchObject({ fit: "reserved", limit: "pico" });
    of.settle(first, [need(60n)]);
    expect(of.hold([{ budget, need: need(41n) }], NOON).refusal?.fit).toBe("exceeded");
    expect(of.hold(wants, NOON).refusal?.fit).toBe("reserved");
  });

  test("is taken in all budgets or in none", () => {
    const of = escrow();
    const [wide, tight] = [budgetOf({ id: "budget_wide" }), budgetOf({ limits: { requests: 0 } })];
    const wants = [wide, tight].map((budget) => ({ budget, need: need(1n) }));
    expect(of.hold(wants, NOON).refusal?.budget.id).toBe(tight.id);
    expect(of.standing(wide, NOON).held).toEqual(NOTHING);
  });

  test("that is exceeded anywhere is not told as one to wait for", () => {
    const of = escrow();
    const [full, spent] = [budgetOf({ id: "budget_full" }), budgetOf({ limits: { tokens: 0 } })];
    held(of, full, 100n);
    const wants = [full, spent].map((budget) => ({ budget, need: need(1n) }));
    expect(of.hold(wants, NOON).refusal).toMatchObject({ fit: "exceeded", limit: "tokens" });
  });

  test("is never refused by a budget that only tells", () => {
    const of = escrow();
    for (const hardAction of ["notify", "throttle"] as const) {
      expect(held(of, budgetOf({ id: hardAction, hardAction }), 1_000n)).toHaveLength(1);
    }
  });

  test("counts against the limit in force now", () => {
    const of = escrow();
    held(of, budgetOf(), 60n);
    expect(
      of.hold([{ budget: budgetOf({ limits: { pico: 50n } }), need: need(0n) }], NOON).refusal?.fit,
    ).toBe("reserved");
    expect(held(of, budgetOf({ limits: { pico: 120n } }), 60n)).toHaveLength(1);
  });
});

describe("a window", () => {
  test("that has ended keeps what was admitted in it; the next begins with nothing", () => {
    const [of, budget] = [escrow(), budgetOf()];
    const before = held(of, budget, 90n);
    const after = held(of, budget, 100n, NOON + DAY_MS);
    of.settle(before, [need(90n)]);
    expect(of.standing(budget, NOON + DAY_MS)).toMatchObject({ spent: NOTHING, held: need(100n) });
    of.settle(after, [need(7n)]);
    expect(of.standing(budget, NOON + DAY_MS)).toMatchObject({ spent: need(7n), held: NOTHING });
  });

  test("is not left backwards by a clock that is set back", () => {
    const [of, budget] = [escrow(), budgetOf()];
    held(of, budget, 60n, NOON + DAY_MS);
    expect(of.hold([{ budget, need: need(60n) }], NOON).refusal?.fit).toBe("reserved");
  });

  test("is one of the calendar of whoever the budget is over", () => {
    const of = new Escrow(({ tenantId }) => (tenantId === "tenant_1" ? "Asia/Tokyo" : "UTC"));
    expect(of.standing(budgetOf(), NOON).window.start).toBe(Date.parse("2026-11-30T00:00:00+09:00"));
    const elsewhere = budgetOf({ id: "budget_2", tenantId: "tenant_2" });
    expect(of.standing(elsewhere, NOON).window.start).toBe(Date.parse("2026-11-30T00:00:00Z"));
  });

  test("that the store has opened is gone on to, though the clock was set back meanwhile", () => {
    const [of, budget] = [escrow(), budgetOf()];
    const { window } = of.standing(budget, NOON + DAY_MS);
    const before = held(of, budget, 60n, NOON);
    of.add(budget.id, window, need(30n));
    expect(of.standing(budget, NOON + DAY_MS)).toMatchObject({ window, spent: need(30n), held: NOTHING });
    of.settle(before, [need(60n)]);
    expect(of.standing(budget, NOON).spent).toEqual(need(30n));
  });

  test("goes on after a start with what it had spent", () => {
    const [of, budget] = [escrow(), budgetOf()];
    const { window } = of.standing(budget, NOON);
    of.open(budget.id, window, need(99n));
    expect(of.hold([{ budget, need: need(2n) }], NOON).refusal?.fit).toBe("exceeded");
  });

  test("of a budget that is gone takes nothing back", () => {
    const [of, budget] = [escrow(), budgetOf()];
    const parts = held(of, budget, 60n);
    of.close(budget.id);
    of.standing(budget, NOON);
    of.settle(parts, [need(60n)]);
    expect(of.standing(budget, NOON).spent).toEqual(NOTHING);
  });
});

test("whatever is held and settled, spent and held never pass a limit, and all comes back", () => {
  const amount = fc.bigInt(0n, 60n);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("hold" as const), amount }),
    fc.record({ kind: fc.constant("settle" as const), which: fc.nat(), amount }),
  );
  const limits = fc.record(
    { pico: fc.bigInt(0n, 200n), tokens: fc.nat(200), requests: fc.nat(8) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 60 }), (given, steps) => {
      const [of, budget] = [escrow(), budgetOf({ limits: given })];
      const open: (readonly BudgetPart[])[] = [];
      let total = NOTHING;
      const settle = (parts: readonly BudgetPart[], wish: bigint): void => {
        const spent = parts.map((part) => least(need(wish), part));
        of.settle(parts, spent);
        total = spent.reduce(plus, total);
      };
      for (const each of steps) {
        if (each.kind === "hold") {
          const { parts } = of.hold([{ budget, need: need(each.amount) }], NOON);
          if (parts !== undefined) open.push(parts);
        } else {
          const [parts] = open.splice(each.which % Math.max(1, open.length), 1);
          if (parts !== undefined) settle(parts, each.amount);
        }
        const { spent, held: now } = of.standing(budget, NOON);
        const used = plus(spent, now);
        for (const name of ["pico", "tokens", "requests"] as const) {
          const limit = given[name];
          if (limit !== undefined) expect(Number(used[name])).toBeLessThanOrEqual(Number(limit));
        }
      }
      for (const parts of open) settle(parts, 0n);
      expect(of.standing(budget, NOON)).toMatchObject({ held: NOTHING, spent: total });
    }),
    { numRuns: 300 },
  );
});

test("a budget says how far it is used up", () => {
  const state = (pico: bigint, change: Partial<Budget> = {}) => stateOf(budgetOf(change), need(pico));
  expect([state(79n), state(80n), state(100n)]).toEqual(["ok", "soft_limit", "hard_limit"]);
  const { armedAt: _, ...arming } = budgetOf();
  expect(stateOf(arming, need(0n))).toBe("arming");
  expect(roomOf({ pico: 10n, tokens: 5 }, { spent: need(4n), held: need(3n) })).toEqual({
    pico: 3n,
    tokens: 0,
  });
});
