import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Allowance } from "../../src/limits/allowance.ts";
import { Concurrency } from "../../src/limits/concurrency.ts";
import type { LimitedScope } from "../../src/limits/limiter.ts";
import { Overload } from "../../src/limits/overload.ts";
import { Places } from "../../src/limits/places.ts";

describe("places", () => {
  test("are taken while there are any, and then waited for in order", () => {
    const places = new Places<string>({ placesMax: 1, waitingMax: 4 });
    expect([places.take(), places.take()]).toEqual([true, false]);
    expect([places.join("a", "a1"), places.join("a", "a2")]).toEqual([true, true]);
    expect([places.taken, places.waiting]).toEqual([1, 2]);
    expect([places.giveBack(), places.giveBack(), places.giveBack()]).toEqual(["a1", "a2", undefined]);
    expect([places.taken, places.waiting]).toEqual([0, 0]);
  });

  test("go to the lines in turn: one who sends much makes others wait for one request of theirs", () => {
    const places = new Places<string>({ placesMax: 1, waitingMax: 100 });
    places.take();
    for (let n = 1; n <= 50; n++) places.join("busy", `busy ${n}`);
    places.join("quiet", "quiet 1");
    expect([places.giveBack(), places.giveBack(), places.giveBack()]).toEqual([
      "busy 1",
      "quiet 1",
      "busy 2",
    ]);
  });

  test("one line is half of the queue at most: the other half is there for others", () => {
    const places = new Places<number>({ placesMax: 0, waitingMax: 4 });
    expect([1, 2, 3].map((n) => places.join("busy", n))).toEqual([true, true, false]);
    expect([4, 5, 6].map((n) => places.join("quiet", n))).toEqual([true, true, false]);
    expect(places.join("third", 7)).toBe(false);
    expect(places.waiting).toBe(4);
  });

  test("nobody waits where no waiting is allowed", () => {
    const places = new Places<number>({ placesMax: 0, waitingMax: 0 });
    expect(places.join("any", 1)).toBe(false);
  });

  test("one who has left the line is passed over, and cannot leave it twice", () => {
    const places = new Places<string>({ placesMax: 1, waitingMax: 10 });
    places.take();
    for (const name of ["a1", "a2", "a3"]) places.join("a", name);
    expect([places.withdraw("a", "a1"), places.withdraw("a", "a1"), places.withdraw("b", "a2")]).toEqual([
      true,
      false,
      false,
    ]);
    expect([places.giveBack(), places.withdraw("a", "a2"), places.giveBack()]).toEqual(["a2", false, "a3"]);
  });

  test("are never more than there are, nobody waits while one is free, and each goes to one who asked", () => {
    const step = fc.record({
      kind: fc.constantFrom("ask", "end", "leave"),
      scope: fc.nat(2),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 300 }),
        fc.nat(4),
        fc.nat(6),
        (steps, placesMax, waitingMax) => {
          const places = new Places<number>({ placesMax, waitingMax });
          const inside: number[] = [];
          const waiting: { id: number; scope: string }[] = [];
          for (const [id, { kind, scope: number, pick }] of steps.entries()) {
            const scope = `scope ${number}`;
            if (kind === "ask") {
              if (places.take()) inside.push(id);
              else if (places.join(scope, id)) waiting.push({ id, scope });
            } else if (kind === "end" && inside.length > 0) {
              inside.splice(pick % inside.length, 1);
              const next = places.giveBack();
              if (next !== undefined) {
                const at = waiting.findIndex((waiter) => waiter.id === next);
                expect(at).toBeGreaterThanOrEqual(0);
                waiting.splice(at, 1);
                inside.push(next);
              }
            } else if (kind === "leave" && waiting.length > 0) {
              const [gone] = waiting.splice(pick % waiting.length, 1);
              if (gone) expect(places.withdraw(gone.scope, gone.id)).toBe(true);
            }
            expect([places.taken, places.waiting]).toEqual([inside.length, waiting.length]);
            expect(inside.length).toBeLessThanOrEqual(placesMax);
            expect(waiting.length).toBeLessThanOrEqual(waitingMax);
            if (waiting.length > 0) expect(inside.length).toBe(placesMax);
          }
        },
      ),
    );
  });
});

describe("concurrency", () => {
  const scope = (level: LimitedScope["level"], limit: number): LimitedScope => ({
    level,
    scopeId: `${level}_1`,
    limit,
  });

  test("a request is counted at all levels or, where one is full, at none", () => {
    const concurrency = new Concurrency();
    const both = [scope("key", 3), scope("tenant", 2)];
    expect([concurrency.enter(both), concurrency.enter(both)]).toEqual([undefined, undefined]);
    expect(concurrency.enter(both)?.level).toBe("tenant");
    expect([concurrency.countOf("key_1"), concurrency.countOf("tenant_1")]).toEqual([2, 2]);
    concurrency.leave(both);
    expect(concurrency.enter(both)).toBeUndefined();
  });

  test("nothing is remembered of scopes that have nothing in flight", () => {
    const concurrency = new Concurrency();
    concurrency.enter([scope("key", 1)]);
    concurrency.leave([scope("key", 1)]);
    expect(concurrency.size).toBe(0);
  });
});

describe("an allowance", () => {
  test("is given whole or not at all, and can be used again", () => {
    const allowance = new Allowance(100);
    expect([allowance.take(60), allowance.take(41), allowance.take(40)]).toEqual([true, false, true]);
    allowance.giveBack(60);
    expect([allowance.used, allowance.take(60), allowance.take(1)]).toEqual([40, true, false]);
  });
});

describe("overload", () => {
  const limits = { lagMs: 100, memoryBytes: 1_000, descriptors: 1_000 };
  const calm = { lagMs: 0, residentBytes: 0, descriptors: 0 };
  const after = (overload: Overload, load: Partial<typeof calm>) => {
    overload.seen({ ...calm, ...load });
    return overload.strain;
  };

  test("an event loop that is late once is no overload; one that stays late is, until it is in time", () => {
    const overload = new Overload(limits);
    expect([500, 0, 100, 100, 99, 100].map((lagMs) => after(overload, { lagMs }))).toEqual([
      undefined,
      undefined,
      undefined,
      "event_loop",
      undefined,
      undefined,
    ]);
  });

  test("a limit of 0 never refuses for a late event loop", () => {
    const overload = new Overload({ ...limits, lagMs: 0 });
    for (let n = 0; n < 5; n++) expect(after(overload, { lagMs: 60_000 })).toBeUndefined();
  });

  test("memory counts from 85 % of the limit until it is below 80 %", () => {
    const overload = new Overload(limits);
    const strains = [850, 851, 810, 800, 840].map((residentBytes) => after(overload, { residentBytes }));
    expect(strains).toEqual([undefined, "memory", "memory", undefined, undefined]);
  });

  test("file descriptors count from 80 % of the limit until they are below 75 %", () => {
    const overload = new Overload(limits);
    const strains = [800, 801, 760, 750].map((descriptors) => after(overload, { descriptors }));
    expect(strains).toEqual([undefined, "descriptors", "descriptors", undefined]);
  });

  test("what the system does not tell is no reason to refuse", () => {
    const overload = new Overload({ ...limits, descriptors: undefined });
    overload.seen({ lagMs: 0, residentBytes: 0, descriptors: undefined });
    expect(overload.strain).toBeUndefined();
  });
});
