import { afterEach, beforeEach, expect, test } from "bun:test";
import { PICO_PER_UNIT } from "../../src/base/money.ts";
import type { Settlement } from "../../src/core/accounting.ts";
import type { Scope } from "../../src/core/scope.ts";
import type { Store } from "../../src/store/store.ts";
import type { UsageFilter } from "../../src/store/usage/filter.ts";
import {
  findUsage,
  listUsage,
  SPANS_MAX,
  summarizeUsage,
  summarizeUsageBySpan,
  type UsageCursor,
} from "../../src/store/usage/reader.ts";
import { insertUsage } from "../../src/store/usage/writer.ts";
import { describeEngines } from "./engines.ts";
import { AT, intent, PAYER, settlement } from "./samples.ts";

const ALL: Scope = { level: "platform" };
const HOUR = 3_600_000;

function put(store: Store, settlements: readonly Settlement[]): Promise<void> {
  return store.commit(settlements.map(insertUsage));
}

describeEngines("usage", (engine) => {
  let store: Store;
  beforeEach(async () => {
    store = await engine.open();
  });
  afterEach(async () => {
    await store.close();
  });

  const idsOf = async (scope: Scope, filter: UsageFilter = {}): Promise<string[]> =>
    (await listUsage(store.read, scope, filter, { limit: 100 })).map((record) => record.id);

  test("a settlement comes back as it was, to the last pico", async () => {
    const whole = settlement(intent(), {
      errorCode: "BACKEND_ERROR",
      status: "failed",
      charge: { cost: 2n ** 62n + 1n, partner: 2n ** 53n + 1n, tenant: 9_000_000n * PICO_PER_UNIT - 1n },
      absorbed: 4n,
    });
    const bare = settlement(intent({ admittedAt: AT - 1, stream: false }));
    await put(store, [whole, bare]);
    const [first, second] = await listUsage(store.read, ALL, {}, { limit: 10 });
    const { intent: promised } = whole;
    expect(first).toEqual({
      id: whole.usageId,
      requestId: promised.requestId,
      payer: PAYER,
      modelId: "model_A",
      modelSlug: "test/a",
      backendId: "be_A",
      status: "failed",
      stream: true,
      tokensIn: 15,
      tokensOut: 9,
      buckets: whole.usage,
      estimated: false,
      delivered: true,
      charge: whole.charge,
      bound: 5n,
      absorbed: 4n,
      priceVersionId: "price_A",
      latencyMs: 13,
      ttftMs: 3,
      errorCode: "BACKEND_ERROR",
      metadata: { team: "a", note: 'say "hi", it\'s ok' },
      createdAt: AT,
      settledAt: AT + 1_000,
    });
    expect(second?.stream).toBe(false);
    expect(second && "errorCode" in second).toBe(false);
  });

  test("a second settlement of a request changes nothing", async () => {
    const first = settlement(intent());
    await put(store, [first]);
    await put(store, [{ ...first, charge: { cost: 9n, partner: 9n, tenant: 9n } }]);
    const records = await listUsage(store.read, ALL, {}, { limit: 10 });
    expect(records.map((record) => record.charge.tenant)).toEqual([3n]);
  });

  test("each scope sees its own rows and no others", async () => {
    const of = (fields: Partial<typeof PAYER | Record<string, string>>) =>
      settlement(intent({ payer: { ...PAYER, ...fields } }));
    const mine = of({});
    const colleague = of({ userId: "user_B" });
    const sibling = of({ tenantId: "tenant_B" });
    const foreign = of({ partnerId: "partner_B", tenantId: "tenant_C" });
    await put(store, [mine, colleague, sibling, foreign]);
    const expected: [Scope, Settlement[]][] = [
      [ALL, [mine, colleague, sibling, foreign]],
      [{ level: "partner", partnerId: "partner_A" }, [mine, colleague, sibling]],
      [{ level: "tenant", tenantId: "tenant_A" }, [mine, colleague]],
      [{ level: "user", tenantId: "tenant_A", userId: "user_A" }, [mine]],
      [{ level: "user", tenantId: "tenant_A", userId: "user_B" }, [colleague]],
      [{ level: "tenant", tenantId: "tenant_none" }, []],
    ];
    for (const [scope, settlements] of expected) {
      const ids = settlements.map((one) => one.usageId).toSorted();
      expect((await idsOf(scope)).toSorted()).toEqual(ids);
      const summary = await summarizeUsage(store.read, scope, {}, "model");
      expect(summary.reduce((sum, group) => sum + group.requestCount, 0)).toBe(ids.length);
      expect((await findUsage(store.read, scope, mine.usageId)) !== undefined).toBe(
        ids.includes(mine.usageId),
      );
    }
    // A filter narrows a scope and never widens it.
    expect(await idsOf({ level: "tenant", tenantId: "tenant_A" }, { tenantId: "tenant_B" })).toEqual([]);
  });

  test("filters narrow by every field", async () => {
    const a = settlement(intent({ metadata: { team: "a", env: "prod" } }));
    const b = settlement(
      intent({
        admittedAt: AT + HOUR,
        modelSlug: "test/b",
        payer: { partnerId: "partner_A", tenantId: "tenant_B", userId: "user_B", keyId: "apikey_B" },
        metadata: { team: "A", 'x","env': "prod", quote: '","team":"a' },
      }),
      { backendId: "be_B", status: "client_gone" },
    );
    await put(store, [a, b]);
    const onlyA: UsageFilter[] = [
      { endMs: AT + HOUR },
      { tenantId: "tenant_A" },
      { userId: "user_A" },
      { apiKeyId: "apikey_A" },
      { modelSlug: "test/a" },
      { backendId: "be_A" },
      { status: "completed" },
      { metadata: { team: "a" } },
      { metadata: { env: "prod" } },
      { metadata: { env: "prod", team: "a" } },
    ];
    for (const filter of onlyA) expect(await idsOf(ALL, filter)).toEqual([a.usageId]);
    expect(await idsOf(ALL, { startMs: AT + HOUR })).toEqual([b.usageId]);
    expect(await idsOf(ALL, { partnerId: "partner_A" })).toEqual([b.usageId, a.usageId]);
    expect(await idsOf(ALL, { metadata: { quote: '","team":"a' } })).toEqual([b.usageId]);
    expect(await idsOf(ALL, { metadata: { team: "a%", env: "_rod" } })).toEqual([]);
  });

  test("pages cover every record once, newest first, also within one millisecond", async () => {
    const all = Array.from({ length: 25 }, (_, i) =>
      settlement(intent({ admittedAt: AT + Math.floor(i / 10) })),
    );
    await put(store, all);
    const seen: { createdAt: number; id: string }[] = [];
    for (let after: UsageCursor | undefined; ;) {
      const page = await listUsage(store.read, ALL, {}, { limit: 10, ...(after && { after }) });
      seen.push(...page);
      after = page.at(-1);
      if (after === undefined) break;
    }
    expect(new Set(seen.map((record) => record.id))).toEqual(new Set(all.map((one) => one.usageId)));
    expect(seen.length).toBe(25);
    const times = seen.map((record) => record.createdAt);
    expect(times).toEqual(times.toSorted((x, y) => y - x));
  });

  test("summaries are exact beyond 2^63 pico", async () => {
    const each = 8_999_999n * PICO_PER_UNIT + 999_999_999_999n;
    await put(
      store,
      Array.from({ length: 5 }, () =>
        settlement(intent(), { charge: { cost: each, partner: each - 1n, tenant: 1n } }),
      ),
    );
    expect(await summarizeUsage(store.read, ALL, {}, "tenant")).toEqual([
      {
        groupKey: "tenant_A",
        requestCount: 5,
        inputTokens: 75,
        outputTokens: 45,
        amounts: { cost: each * 5n, partner: (each - 1n) * 5n, tenant: 5n },
      },
    ]);
    expect(each * 5n > 2n ** 63n).toBe(true);
  });

  test("summaries group by model, user, backend, tenant and key", async () => {
    const other = { partnerId: "partner_A", tenantId: "tenant_B", userId: "user_B", keyId: "apikey_B" };
    await put(store, [
      settlement(intent()),
      settlement(intent({ modelSlug: "test/b", payer: other }), { backendId: "be_B" }),
      settlement(intent({ modelSlug: "test/b", payer: other }), { backendId: "be_B" }),
    ]);
    const groups = [
      ["model", "test/a", "test/b"],
      ["user", "user_A", "user_B"],
      ["backend", "be_A", "be_B"],
      ["tenant", "tenant_A", "tenant_B"],
      ["api_key", "apikey_A", "apikey_B"],
    ] as const;
    for (const [group, a, b] of groups) {
      const summary = await summarizeUsage(store.read, ALL, {}, group);
      expect(summary.map((one) => [one.groupKey, one.requestCount, one.amounts.tenant])).toEqual([
        [a, 1, 3n],
        [b, 2, 6n],
      ]);
    }
  });

  test("spans take their start and not their end, and keep their order", async () => {
    await put(
      store,
      [0, HOUR - 1, HOUR, 3 * HOUR].map((offset) => settlement(intent({ admittedAt: AT + offset }))),
    );
    const spans = Array.from({ length: 3 }, (_, i) => ({
      label: `hour ${i}`,
      startMs: AT + i * HOUR,
      endMs: AT + (i + 1) * HOUR,
    }));
    const tenantScope: Scope = { level: "tenant", tenantId: "tenant_A" };
    for (const scope of [ALL, tenantScope]) {
      const summary = await summarizeUsageBySpan(store.read, scope, {}, spans);
      expect(summary.map((one) => [one.groupKey, one.requestCount])).toEqual([
        ["hour 0", 2],
        ["hour 1", 1],
      ]);
    }
    expect(await summarizeUsageBySpan(store.read, ALL, { modelSlug: "no/such" }, spans)).toEqual([]);
    expect(await summarizeUsageBySpan(store.read, ALL, {}, [])).toEqual([]);
    const year = Array.from({ length: SPANS_MAX }, (_, i) => ({
      label: `${i}`,
      startMs: AT + i,
      endMs: AT + i + 1,
    }));
    expect((await summarizeUsageBySpan(store.read, ALL, {}, year)).map((one) => one.groupKey)).toEqual(["0"]);
  });
});
