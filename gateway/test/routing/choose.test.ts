import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { hash32 } from "../../src/base/hash.ts";
import { choose, type Option, type Question, stickyHashOf } from "../../src/routing/choose.ts";

interface Named extends Option {
  readonly id: string;
}

function option(id: string, facts: { weight?: number; busy?: number; latencyMs?: number } = {}): Named {
  const { weight = 100, busy = 0, latencyMs } = facts;
  return { id, weight, idHash: hash32(id), busy: () => busy, latencyMs: () => latencyMs };
}

function ask(options: readonly Named[], question: Partial<Question>, open: readonly string[] = []): string {
  const isOpen = ({ id }: Named): boolean => open.length === 0 || open.includes(id);
  const whole = {
    strategy: "priority",
    stickyHash: undefined,
    form: "stream",
    nowMs: 0,
    random: 0.5,
  } as const;
  return choose(options, { ...whole, ...question }, isOpen)?.id ?? "none";
}

/** How often each is chosen of many evenly spread draws. */
function shares(options: readonly Named[], question: Partial<Question>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < 1_000; i++) {
    const id = ask(options, { ...question, random: (i + 0.5) / 1_000 });
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

describe("choose", () => {
  const three = [option("a"), option("b"), option("c")];

  test("by priority takes the first that is open", () => {
    expect(ask(three, {})).toBe("a");
    expect(ask(three, {}, ["b", "c"])).toBe("b");
    expect(ask(three, {}, ["nobody"])).toBe("none");
  });

  test("by weight draws in proportion, among those that are open", () => {
    const weighted = [option("a", { weight: 70 }), option("b", { weight: 30 }), option("c", { weight: 0 })];
    expect(shares(weighted, { strategy: "weighted" })).toEqual({ a: 700, b: 300 });
    expect(ask(weighted, { strategy: "weighted", random: 0.999 }, ["a", "c"])).toBe("a");
  });

  test("takes one of weight 0 only when there is nothing else, whatever the strategy", () => {
    const options = [option("a", { busy: 50, latencyMs: 900 }), option("z", { weight: 0 })];
    for (const strategy of ["weighted", "least_busy", "latency"] as const) {
      expect(ask(options, { strategy })).toBe("a");
      expect(ask(options, { strategy }, ["z"])).toBe("z");
      expect(ask(options, { strategy, stickyHash: 7 })).toBe("a");
    }
  });

  test("takes the one with the fewest calls for its weight; of several alike, each as often", () => {
    const busy = [option("a", { busy: 4, weight: 200 }), option("b", { busy: 3 }), option("c", { busy: 9 })];
    expect(ask(busy, { strategy: "least_busy" })).toBe("a");
    const even = shares(three, { strategy: "least_busy" });
    // The draws are the same each time; how they fall is mixed, within what chance allows.
    for (const id of ["a", "b", "c"]) expect(even[id]).toBeGreaterThan(300);
  });

  test("takes the quickest; one that nobody knows is tried first, by one call at a time", () => {
    const known = [
      option("a", { latencyMs: 80 }),
      option("b", { latencyMs: 40 }),
      option("c", { latencyMs: 90 }),
    ];
    expect(ask(known, { strategy: "latency" })).toBe("b");
    expect(ask([...known, option("new")], { strategy: "latency" })).toBe("new");
    expect(ask([...known, option("new", { busy: 1 })], { strategy: "latency" })).toBe("b");
  });

  test("never chooses what is not open, and always something where anything is", () => {
    const facts = fc.record({
      weight: fc.nat(5),
      busy: fc.nat(5),
      latencyMs: fc.nat(100),
      open: fc.boolean(),
    });
    const questions = fc.record({
      strategy: fc.constantFrom("priority", "weighted", "least_busy", "latency"),
      stickyHash: fc.option(fc.nat(), { nil: undefined }),
      random: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 8 }), questions, (all, question) => {
        const options = all.map((each, i) => option(`be_${i}`, each));
        const open = all.flatMap((each, i) => (each.open ? [`be_${i}`] : []));
        const chosen = ask(options, question, open.length === 0 ? ["nobody"] : open);
        expect(open.length === 0 ? ["none"] : open).toContain(chosen);
      }),
    );
  });

  describe("sticking", () => {
    const of = (user: number, options: readonly Named[], open: readonly string[] = []): string =>
      ask(options, { strategy: "weighted", stickyHash: stickyHashOf("user_1", `u${user}`) }, open);
    const users = Array.from({ length: 3_000 }, (_, i) => i);

    test("gives everybody the same backend each time, and all of them shares by weight", () => {
      const options = [option("a", { weight: 60 }), option("b", { weight: 30 }), option("c", { weight: 10 })];
      const counts: Record<string, number> = {};
      for (const user of users) {
        const id = of(user, options);
        expect(of(user, options)).toBe(id);
        counts[id] = (counts[id] ?? 0) + 1;
      }
      const share = (id: string): number => (counts[id] ?? 0) / users.length;
      expect(share("a")).toBeCloseTo(0.6, 1);
      expect(share("b")).toBeCloseTo(0.3, 1);
      expect(share("c")).toBeCloseTo(0.1, 1);
    });

    test("moves only those whose backend is gone", () => {
      for (const user of users.slice(0, 500)) {
        const before = of(user, three);
        const without = of(user, three, ["a", "b"]);
        if (before !== "c") expect(without).toBe(before);
      }
    });
  });
});
