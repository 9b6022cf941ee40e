import { afterEach, beforeEach, expect, test } from "bun:test";
import { sql } from "kysely";
import { newId } from "../../src/base/ids.ts";
import type { Pico } from "../../src/base/money.ts";
import { joinAmount } from "../../src/base/money.ts";
import type { Settlement } from "../../src/core/accounting.ts";
import { MONTH_CLOSES_MS } from "../../src/core/ledger.ts";
import type { Scope } from "../../src/core/scope.ts";
import { UsageBooker, WAIT_MS } from "../../src/jobs/book-usage.ts";
import { addAdjustment } from "../../src/store/ledger/adjustments.ts";
import { type BalanceFilter, listBalances, listEntries } from "../../src/store/ledger/entries.ts";
import { runSums } from "../../src/store/ledger/reader.ts";
import { bookingOf } from "../../src/settlement/ledger/booking.ts";
import { Months } from "../../src/settlement/ledger/months.ts";
import { type BookedStore, describeEngines, rejection } from "../store/engines.ts";
import { AT, intent, settlement } from "../store/samples.ts";
import { put, randomUsage } from "./random-usage.ts";

const DAY = 86_400_000;

describeEngines("booking", (engine) => {
  let booked: BookedStore;
  let now: number;
  beforeEach(async () => {
    booked = await engine.openBooks();
    now = AT + 2 * DAY;
  });
  afterEach(async () => {
    await booked.store.close();
  });

  const booker = (zone = "UTC"): UsageBooker =>
    new UsageBooker({
      clock: { now: () => now },
      books: booked.books,
      read: booked.store.read,
      zoneOf: () => zone,
    });

  const movements = () =>
    booked.store.read.selectFrom("ledger_movements").selectAll().orderBy("id").execute();

  async function sumOf(kind: string): Promise<Pico> {
    const rows = (await movements()).filter((row) => row.kind === kind);
    return rows.reduce((sum, row) => sum + joinAmount(row), 0n);
  }

  const total = (all: readonly Settlement[], of: (one: Settlement) => Pico): Pico =>
    all.reduce((sum, one) => sum + of(one), 0n);

  test("every settled request is in the ledger once, to the last pico and beyond 64 bits", async () => {
    const all = randomUsage(300, 1);
    await put(booked.store, all.slice(0, 200), 3);
    await booker().all();
    await put(booked.store, all.slice(200), 2);
    await Promise.all([booker().all(), booker().all()]);
    await booker().all();
    expect(await sumOf("sale")).toBe(total(all, ({ charge }) => charge.tenant));
    expect(await sumOf("sale")).toBeGreaterThan(2n ** 63n);
    expect(await sumOf("purchase")).toBe(total(all, ({ charge }) => charge.partner));
    expect(await sumOf("upstream")).toBe(total(all, ({ charge }) => charge.cost));
    expect(await sumOf("absorbed")).toBe(total(all, ({ absorbed }) => absorbed));
    const cells = await booked.store.read.selectFrom("usage_cells").selectAll().execute();
    for (const level of [0n, 1n, 2n]) {
      const of = cells.filter((cell) => cell.level === level);
      expect(of.reduce((sum, cell) => sum + cell.requests, 0n)).toBe(300n);
      const tenant = of.reduce(
        (sum, cell) => sum + joinAmount({ units: cell.tenant_units, pico: cell.tenant_pico }),
        0n,
      );
      expect(tenant).toBe(total(all, ({ charge }) => charge.tenant));
    }
  });

  test("the sides of every movement come to zero", async () => {
    await put(booked.store, randomUsage(50, 2));
    await booker().all();
    const sums = await booked.store.read
      .selectFrom("ledger_entries")
      .select([
        "id",
        sql<bigint>`cast(sum(units) as bigint)`.as("units"),
        sql<bigint>`cast(sum(pico) as bigint)`.as("pico"),
        sql<bigint>`count(*)`.as("sides"),
      ])
      .groupBy("id")
      .execute();
    expect(sums.length).toBeGreaterThan(10);
    for (const { units, pico, sides } of sums) expect([units, pico, sides]).toEqual([0n, 0n, 2n]);
  });

  test("the requests of a batch are what its movements come to", async () => {
    const all = randomUsage(120, 3);
    await put(booked.store, all.slice(0, 60));
    await booker().all();
    await put(booked.store, all.slice(60), 4);
    await booker().all();
    const batches = await booked.store.read.selectFrom("ledger_batches").selectAll().execute();
    expect(batches.length).toBeGreaterThan(1);
    for (const { after_seq: after, last_seq: last } of batches) {
      const sums = await runSums(booked.store.read, { after, last });
      const rows = (await movements()).filter(({ batch, kind }) => batch === last && kind === "sale");
      expect(rows.reduce((sum, row) => sum + joinAmount(row), 0n)).toBe(
        sums.reduce((sum, { amounts }) => sum + amounts.tenant, 0n),
      );
    }
  });

  test("a booking that another has made already changes nothing", async () => {
    await put(booked.store, randomUsage(20, 4));
    const run = await booked.books.next(1_000);
    if (run === undefined) throw new Error("nothing to book");
    const sums = await runSums(booked.store.read, run);
    const context = { zoneOf: () => "UTC", months: new Months(), bookedAt: now, isHistory: false };
    const outcomes = await Promise.all([
      booked.books.keep(bookingOf(run, sums, context)),
      booked.books.keep(bookingOf(run, sums, context)),
    ]);
    expect(outcomes.filter((kept) => kept)).toHaveLength(1);
    expect(await booked.books.keep(bookingOf(run, sums, context))).toBe(false);
    expect(await booked.store.read.selectFrom("ledger_batches").selectAll().execute()).toHaveLength(1);
  });

  test("whoever waits for all that has settled does not wait for what settles meanwhile", async () => {
    await put(booked.store, randomUsage(20, 7));
    const { books, store } = booked;
    let arrived = 0;
    const busy: typeof books = {
      next: (rowsMax) => books.next(rowsMax),
      newest: () => books.newest(),
      async keep(booking) {
        if (arrived < 10) await put(store, randomUsage(1, 100 + arrived++));
        return books.keep(booking);
      },
    };
    const deps = { clock: { now: () => now }, read: store.read, zoneOf: () => "UTC" };
    await new UsageBooker({ ...deps, books: busy }).all();
    expect(arrived).toBe(1);
    expect((await books.next(1_000))?.rows).toBe(1);
  });

  test("few requests wait, many do not", async () => {
    const few = randomUsage(3, 5);
    await put(booked.store, few);
    const since = (await booked.books.next(10))?.waitsSince ?? 0;
    now = since + WAIT_MS - 1;
    await booker().run();
    expect(await movements()).toEqual([]);
    now = since + WAIT_MS;
    await booker().run();
    expect(await movements()).not.toEqual([]);
    now = 0;
    await put(booked.store, randomUsage(500, 6), 2);
    await booker().run();
    expect(await booked.books.next(10)).toBeUndefined();
  });

  test("a closed month stays as it was: what comes later is a line of the open one that names it", async () => {
    // 30 November, 15:30 UTC: December has begun in Tokyo.
    const admittedAt = Date.UTC(2026, 10, 30, 15, 30);
    await put(booked.store, [settlement(intent({ admittedAt }))]);
    now = Date.UTC(2026, 11, 31, 15) + MONTH_CLOSES_MS - 1;
    await booker("Asia/Tokyo").all();
    await put(booked.store, [settlement(intent({ admittedAt }))]);
    now++;
    await booker("Asia/Tokyo").all();
    const sales = (await movements()).filter(({ kind }) => kind === "sale");
    expect(sales.map(({ month, for_month: about }) => [month, about])).toEqual([
      ["2026-12", "2026-12"],
      ["2027-01", "2026-12"],
    ]);
    const cells = await booked.store.read
      .selectFrom("usage_cells")
      .selectAll()
      .where("level", "=", 2n)
      .execute();
    expect(cells.map(({ late_bucket: late }) => late > 0n)).toEqual([true, true]);
  });

  test("balances are the sums of all entries, within whatever they are asked for, corrections and late months included", async () => {
    const adjust = (amount: Pico, month: string, tenantId?: string) => {
      const of = {
        partnerId: "partner_A",
        ...(tenantId !== undefined && { tenantId }),
        month,
        forMonth: month,
        amount,
      };
      const about = { reason: "x", createdBy: "user_1", createdAt: now };
      const kind = tenantId === undefined ? "partner_adjustment" : "tenant_adjustment";
      const id = newId("adj", now);
      return addAdjustment({ ...of, ...about, id }, { ...of, id: newId("led", now), kind });
    };
    await put(booked.store, randomUsage(150, 21));
    await booker().all();
    await booked.store.commit(adjust(-3n * 10n ** 12n - 7n, "2023-11", "tenant_A1"));
    now += 60 * DAY;
    await put(booked.store, randomUsage(150, 22));
    await booker().all();
    await booked.store.commit(adjust(5n, "2024-01"));
    const { read } = booked.store;
    const scopes: Scope[] = [
      { level: "platform" },
      { level: "partner", partnerId: "partner_A" },
      { level: "tenant", tenantId: "tenant_A1" },
    ];
    const filters: BalanceFilter[] = [
      {},
      { month: "2023-11" },
      { tenantId: "tenant_A1", account: "receivable" },
      { backendId: "be_A", month: "2024-01" },
      { owner: "partner", ownerId: "partner_A" },
    ];
    let seen = 0;
    for (const scope of scopes) {
      for (const filter of filters) {
        const sums = new Map<string, Pico>();
        for (const entry of await listEntries(read, scope, filter, { limit: 10_000 })) {
          const account = `${entry.owner} ${entry.ownerId} ${entry.account}`;
          sums.set(account, (sums.get(account) ?? 0n) + entry.amount);
        }
        const balances = await listBalances(read, scope, filter, { limit: 1_000 });
        const told = balances.map((each) => [`${each.owner} ${each.ownerId} ${each.account}`, each.balance]);
        expect(Object.fromEntries(told)).toEqual(Object.fromEntries(sums));
        seen += told.length;
      }
    }
    expect(seen).toBeGreaterThan(50);
  });

  test("nobody changes or deletes what the ledger says", async () => {
    await put(booked.store, randomUsage(5, 7));
    await booker().all();
    const before = await movements();
    for (const text of [
      "update ledger_movements set units = 0",
      "delete from ledger_movements",
      "update ledger_batches set booked_at = 0",
      "delete from ledger_batches",
    ])
      expect(String(await rejection(booked.run(text)))).toContain("only ever grows");
    expect(await movements()).toEqual(before);
  });
});
