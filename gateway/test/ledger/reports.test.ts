import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Settlement } from "../../src/core/accounting.ts";
import { BUCKET_MS, MONTH_CLOSES_MS } from "../../src/core/ledger.ts";
import type { Scope } from "../../src/core/scope.ts";
import { UsageBooker } from "../../src/jobs/book-usage.ts";
import type { UsageFilter } from "../../src/store/usage/filter.ts";
import {
  listUsage,
  summarizeUsage,
  summarizeUsageBySpan,
  USAGE_GROUPS,
  type Span,
  type UsageSummary,
} from "../../src/store/usage/reader.ts";
import { lateLines, statementLines } from "../../src/store/usage/statement.ts";
import { addSums, NO_USAGE, type UsageSums } from "../../src/store/usage/sums.ts";
import { type BookedStore, describeEngines } from "../store/engines.ts";
import { AT, intent, settlement } from "../store/samples.ts";
import { numbers, put, randomUsage } from "./random-usage.ts";

const ALL: Scope = { level: "platform" };
const HOUR = 3_600_000;
const together = (sums: readonly UsageSums[]): UsageSums => sums.reduce(addSums, NO_USAGE);

describeEngines("reports", (engine) => {
  let booked: BookedStore;
  let booker: UsageBooker;
  let now: number;
  beforeEach(async () => {
    booked = await engine.openBooks();
    now = AT;
    const clock = { now: () => now };
    booker = new UsageBooker({ clock, books: booked.books, read: booked.store.read, zoneOf: () => "UTC" });
  });
  afterEach(async () => {
    await booked.store.close();
  });

  /** Request by request: what every other report has to come to. */
  async function listed(scope: Scope, filter: UsageFilter): Promise<UsageSums> {
    const records = await listUsage(booked.store.read, scope, filter, { limit: 10_000 });
    return together(
      records.map(({ tokensIn, tokensOut, charge }) => ({
        requestCount: 1,
        inputTokens: tokensIn,
        outputTokens: tokensOut,
        amounts: charge,
      })),
    );
  }

  /** Most of it booked, some long after its time, some not yet. */
  async function mixed(seed: number): Promise<Settlement[]> {
    const all = randomUsage(240, seed);
    await put(booked.store, all.slice(0, 120), 2);
    now = AT + 2 * 24 * HOUR;
    await booker.all();
    await put(booked.store, all.slice(120, 200), 2);
    now = AT + 40 * 24 * HOUR;
    await booker.all();
    await put(booked.store, all.slice(200));
    return all;
  }

  test("every report comes to what its requests come to, to the last digit", async () => {
    const seed = Number(process.env["SCAIGRID_TEST_SEED"] ?? 1);
    const all = await mixed(seed);
    const below = numbers(seed + 1);
    const someone = all[below(all.length)];
    if (someone === undefined) throw new Error("nobody");
    const { payer } = someone.intent;
    const scopes: Scope[] = [
      ALL,
      { level: "partner", partnerId: payer.partnerId },
      { level: "tenant", tenantId: payer.tenantId },
      { level: "user", tenantId: payer.tenantId, userId: payer.userId },
    ];
    const narrowings: UsageFilter[] = [
      {},
      { tenantId: payer.tenantId },
      { apiKeyId: payer.keyId },
      { modelSlug: someone.intent.modelSlug, status: someone.status },
      { backendId: someone.backendId, userId: payer.userId },
    ];
    for (const scope of scopes) {
      for (const narrowing of narrowings) {
        const startMs = AT + below(30 * HOUR);
        const filter: UsageFilter =
          below(4) === 0 ? narrowing : { ...narrowing, startMs, endMs: startMs + below(24 * HOUR) };
        const expected = { seed, scope, filter, ...(await listed(scope, filter)) };
        const sums: UsageSummary[][] = [];
        for (const group of USAGE_GROUPS)
          sums.push(await summarizeUsage(booked.store.read, scope, filter, group));
        sums.push(
          await summarizeUsageBySpan(booked.store.read, scope, filter, [
            ...spansIn(filter.startMs ?? AT - HOUR, filter.endMs ?? AT + 60 * HOUR),
          ]),
        );
        for (const groups of sums) expect({ seed, scope, filter, ...together(groups) }).toEqual(expected);
      }
    }
  }, 60_000);

  test("a request that settles long after its time is counted at its time, booked or not", async () => {
    const old = settlement(intent({ admittedAt: AT + 1 }));
    await put(booked.store, [old]);
    const filter = { startMs: AT - HOUR, endMs: AT + HOUR };
    const before = await summarizeUsage(booked.store.read, ALL, filter, "model");
    now = AT + 100 * 24 * HOUR;
    await booker.all();
    expect(await summarizeUsage(booked.store.read, ALL, filter, "model")).toEqual(before);
    expect(before[0]?.requestCount).toBe(1);
  });

  test("sums are taken from the cells, not from the requests", async () => {
    await put(booked.store, randomUsage(60, 9));
    now = AT + 2 * 24 * HOUR;
    await booker.all();
    const before = await summarizeUsage(booked.store.read, ALL, {}, "tenant");
    await booked.run("delete from usage");
    expect(await summarizeUsage(booked.store.read, ALL, {}, "tenant")).toEqual(before);
  });

  test("the statements of all months come to the usage; a closed one never changes", async () => {
    const months = [Date.UTC(2023, 9, 1), Date.UTC(2023, 10, 1), Date.UTC(2023, 11, 1), Date.UTC(2024, 0, 1)];
    const read = async (index: number) => {
      const [previousMs, startMs, endMs] = months.slice(index, index + 3);
      if (previousMs === undefined || startMs === undefined || endMs === undefined)
        throw new Error("no month");
      const month = { previousMs, startMs, endMs, isClosed: now >= endMs + MONTH_CLOSES_MS };
      const own = await statementLines(booked.store.read, ALL, {}, month);
      return { own, late: await lateLines(booked.store.read, ALL, {}, month) };
    };
    // AT is 14 November.
    await put(booked.store, randomUsage(50, 10));
    now = Date.UTC(2023, 11, 1) + MONTH_CLOSES_MS - 1;
    await booker.all();
    await put(booked.store, randomUsage(7, 11));
    now++;
    const november = await read(0);
    await booker.all();
    expect(await read(0)).toEqual(november);
    const december = await read(1);
    expect(december.own).toEqual([]);
    expect(together(december.late).requestCount).toBe(7);
    expect(december.late.every(({ bucket }) => bucket % BUCKET_MS === 0 && bucket >= AT - BUCKET_MS)).toBe(
      true,
    );
    expect(together([...november.own, ...december.late])).toEqual(await listed(ALL, {}));
  });
});

function* spansIn(startMs: number, endMs: number): Iterable<Span> {
  let at = startMs;
  while (at < endMs) {
    const next = Math.min(endMs, (Math.floor(at / (3 * HOUR)) + 1) * 3 * HOUR);
    yield { label: String(at), startMs: at, endMs: next };
    at = next;
  }
}
