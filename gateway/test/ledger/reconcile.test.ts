import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Budget } from "../../src/core/budget.ts";
import type { Comparison } from "../../src/core/drift.ts";
import { UsageBooker } from "../../src/jobs/book-usage.ts";
import { Reconciler } from "../../src/jobs/reconcile.ts";
import { armBudget, createBudget } from "../../src/store/budgets/writer.ts";
import { build } from "../../src/store/write.ts";
import { createPartner } from "../../src/store/tenancy/writer.ts";
import { type BookedStore, describeEngines } from "../store/engines.ts";
import { AT, intent, partner, PAYER, settlement } from "../store/samples.ts";
import { put, randomUsage } from "./random-usage.ts";

const DAY = 86_400_000;
/** Days of `randomUsage`, hours of each, looked at a few at a time. */
const ROUND = 20;

describeEngines("the reconciler", (engine) => {
  let booked: BookedStore;
  let budgets: Budget[];
  let heard: Comparison[];
  let now: number;
  beforeEach(async () => {
    booked = await engine.openBooks();
    [budgets, heard, now] = [[], [], AT + 3 * DAY];
  });
  afterEach(async () => {
    await booked.store.close();
  });

  const reconciler = (): Reconciler =>
    new Reconciler({
      clock: { now: () => now },
      store: booked.store,
      budgets: () => budgets,
      standings: async (all) =>
        new Map(
          all.map(({ id }) => [id, { window: { start: AT, end: AT + DAY }, spent: NOTHING, held: NOTHING }]),
        ),
      keptMs: 400 * DAY,
      onDrift: (drift) => heard.push(drift),
    });

  async function book(): Promise<void> {
    const clock = { now: () => now };
    const read = booked.store.read;
    await new UsageBooker({ clock, books: booked.books, read, zoneOf: () => "UTC" }).all();
  }

  /** Everything once, and again. */
  async function rounds(one: Reconciler): Promise<void> {
    for (let count = 0; count < ROUND; count++) await one.run();
  }

  const events = () =>
    booked.store.read
      .selectFrom("events")
      .selectAll()
      .where("type", "=", "accounting.drift_detected")
      .execute();

  test("what is right is not told of, booked or waiting", async () => {
    await put(booked.store, randomUsage(120, 1), 3);
    await book();
    await put(booked.store, randomUsage(20, 2));
    const one = reconciler();
    await rounds(one);
    expect([heard, one.open]).toEqual([[], 0]);
  });

  test("a changed request, a movement too many and a changed cell are each told of once, until they are put right", async () => {
    const all = randomUsage(60, 3);
    await put(booked.store, all);
    await book();
    const usageId = all[0]?.usageId ?? "";
    await booked.run(`update usage set tenant_pico = tenant_pico + 1 where id = '${usageId}'`);
    const one = reconciler();
    await rounds(one);
    // It is in a batch, and in a cell of each level.
    expect(heard.map(({ kind }) => kind).toSorted()).toEqual(["cells", "cells", "cells", "ledger"]);
    await rounds(reconciler());
    expect([heard.length, (await events()).length]).toEqual([4, 4]);
    await booked.run(`update usage set tenant_pico = tenant_pico - 1 where id = '${usageId}'`);
    await rounds(one);
    expect([heard.length, one.open]).toEqual([4, 0]);

    await booked.run(
      "insert into ledger_movements select 'led_x', kind, partner_id, tenant_id, backend_id, month, for_month, units, " +
        "pico, batch, adjustment_id, at from ledger_movements where kind = 'upstream' limit 1",
    );
    await booked.run(
      "update usage_cells set requests = requests + 1 where level = 1 and status = 'completed'",
    );
    await rounds(one);
    expect(heard.slice(4).map(({ kind }) => kind)).toContain("ledger");
    const cells = heard.slice(4).filter(({ kind }) => kind === "cells");
    expect(cells.length).toBeGreaterThan(0);
    expect(cells.every(({ subject }) => subject.endsWith("level 1"))).toBe(true);
  });

  test("requests that never got into the ledger's cells are told of", async () => {
    await put(booked.store, randomUsage(30, 4));
    await book();
    await booked.run("delete from usage_cells where level = 0");
    await rounds(reconciler());
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.every(({ subject }) => subject.endsWith("level 0"))).toBe(true);
  });

  test("totals of the ledger that are not what its movements come to are told of", async () => {
    await put(booked.store, randomUsage(30, 5));
    await book();
    await booked.run("update ledger_totals set pico = pico + 1 where month <> '' and kind = 'sale'");
    const one = reconciler();
    await rounds(one);
    expect(heard.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      "ledger totals 2023-11",
      "ledger totals",
    ]);
    await booked.run("update ledger_totals set pico = pico - 1 where month <> '' and kind = 'sale'");
    await rounds(one);
    expect([heard.length, one.open]).toEqual([2, 0]);
  });

  test("a budget whose counter is not what its requests have used is told of", async () => {
    const owner = partner({ id: PAYER.partnerId });
    const unarmed: Budget = { ...BUDGET, scopeId: owner.id, partnerId: owner.id };
    const budget = { ...unarmed, armedAt: AT + 5 };
    const window = { start: AT, end: AT + DAY };
    const part = {
      budgetId: budget.id,
      price: "partner" as const,
      window,
      pico: 2n,
      tokens: 24,
      requests: 1,
    };
    await booked.store.commit([...createPartner(owner, AT), ...createBudget(unarmed, AT)]);
    // One from before it was armed, two that name it.
    await put(booked.store, [settlement(intent({ admittedAt: AT + 1 }))]);
    const named = [1, 2].map((n) => settlement(intent({ admittedAt: AT + 10 + n }), { budgets: [part] }));
    await put(booked.store, named);
    const used = { pico: 6n, tokens: 72, requests: 3 };
    await booked.store.commit(armBudget(budget.id, window, used, AT + 5));
    budgets = [budget];
    const one = reconciler();
    await rounds(one);
    expect(heard).toEqual([]);
    await booked.store.commit([
      {
        statement: build.updateTable("budget_windows").set({ spent_tokens: 71n }),
        about: "budget_window",
      },
    ]);
    await rounds(one);
    expect(heard).toEqual([
      {
        kind: "budget",
        subject: `budget_A ${new Date(AT).toISOString()}`,
        expected: "cost 0.000000000006, tokens 72, requests 3",
        found: "cost 0.000000000006, tokens 71, requests 3",
      },
    ]);
    // A window that lasts longer than its requests are kept.
    await booked.run("delete from usage");
    now = AT + 401 * DAY;
    await rounds(one);
    expect(heard).toHaveLength(1);
  });

  test("it takes a small part of the time, however much there is to compare", async () => {
    const looks: number[] = [];
    const one = new Reconciler({
      clock: { now: () => now },
      store: booked.store,
      budgets: () => [BUDGET],
      standings() {
        looks.push(now);
        now += 1_000;
        return Promise.resolve(new Map());
      },
      keptMs: 400 * DAY,
      onDrift: (drift) => heard.push(drift),
    });
    await one.run();
    now += 19_999;
    await one.run();
    expect(looks).toHaveLength(1);
    now += 1;
    await one.run();
    expect(looks).toHaveLength(2);
  });
});

const NOTHING = { pico: 0n, tokens: 0, requests: 0 };
const BUDGET: Budget = {
  id: "budget_A",
  scope: "partner",
  scopeId: PAYER.partnerId,
  partnerId: PAYER.partnerId,
  period: "daily",
  limits: { tokens: 1_000_000 },
  softLimit: 8_000,
  hardAction: "block",
  setBy: "platform",
  createdAt: AT,
};
