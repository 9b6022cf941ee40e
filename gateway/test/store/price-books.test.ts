import { afterEach, expect, test } from "bun:test";
import { UNPAID } from "../../src/core/accounting.ts";
import { ANY_MODEL, type EntryTerms, type PriceEntry } from "../../src/core/price-book.ts";
import { newId } from "../../src/base/ids.ts";
import type { PriceVersion } from "../../src/core/catalogue.ts";
import { decodeIntent, encodeIntent } from "../../src/journal/record-codec.ts";
import { atLeast } from "../../src/pricing/price-name.ts";
import { type Outcome, partnerPriceOf, settlementOf } from "../../src/settlement/settle.ts";
import { PriceList } from "../../src/snapshot/price-list.ts";
import {
  findPriceEntry,
  listPriceEntries,
  loadPriceEntries,
  loadPriceEntry,
} from "../../src/store/price-book/reader.ts";
import { createPriceEntry } from "../../src/store/price-book/writer.ts";
import { loadPriceVersions } from "../../src/store/prices/reader.ts";
import { createPriceVersion } from "../../src/store/prices/writer.ts";
import type { Store } from "../../src/store/store.ts";
import { describeEngines } from "./engines.ts";
import { AT, intent } from "./samples.ts";

const TENANT = { id: "tenant_A", partnerId: "partner_A" };
const MODEL = { id: "model_A", free: false };
const OF_PARTNER = { level: "partner", partnerId: "partner_A" } as const;
const OF_TENANT = { level: "tenant", tenantId: "tenant_A" } as const;
const PLATFORM = { level: "platform" } as const;
const MOST = 2n ** 62n;

function entry(terms: EntryTerms, fields: Partial<PriceEntry> = {}): PriceEntry {
  return {
    id: newId("entry", AT),
    partnerId: "partner_A",
    modelId: ANY_MODEL,
    terms,
    effectiveFrom: AT,
    setBy: "platform",
    createdAt: AT,
    ...fields,
  };
}

function version(id: string, subjectId: string, input: bigint, effectiveFrom = AT): PriceVersion {
  return {
    id,
    subject: { kind: "model", id: subjectId },
    effectiveFrom,
    rates: { input, output: 3n * input },
  };
}

const INTERRUPTED: Outcome = {
  status: "interrupted",
  backendId: "be_A",
  reported: undefined,
  outputTokens: 40,
  delivered: true,
  upstreamAtWork: true,
  latencyMs: 1,
  ttftMs: undefined,
  errorCode: undefined,
};

describeEngines("price books", (engine) => {
  let store: Store;
  afterEach(async () => {
    await store.close();
  });

  /** What a process knows that has just started. */
  async function priceList(): Promise<PriceList> {
    const list = new PriceList();
    for (const value of await loadPriceVersions(store.read))
      list.apply({ kind: "price_version", id: value.id, value });
    for (const value of await loadPriceEntries(store.read))
      list.apply({ kind: "price_entry", id: value.id, value });
    return list;
  }

  test("come back as they were written, and are seen by those who can make them", async () => {
    store = await engine.open();
    const ofPartner = entry({ kind: "mark_up", ppm: -100_000 });
    const ofTenant = entry(
      {
        kind: "price",
        rates: { input: 5n, output: 2n ** 60n },
        tiers: [{ aboveInputTokens: 9, rates: { input: 6n, output: 7n } }],
      },
      { tenantId: "tenant_A", modelId: "model_A", effectiveUntil: AT + 9, setBy: "partner" },
    );
    const foreign = entry({ kind: "mark_up", ppm: 1 }, { partnerId: "partner_B", tenantId: "tenant_B" });
    const end = entry({ kind: "end", entryId: ofPartner.id });
    const all = [ofPartner, ofTenant, foreign, end];
    await store.commit(all.flatMap((each) => createPriceEntry(each, AT)));
    const byId = (entries: readonly PriceEntry[]) => entries.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId(await loadPriceEntries(store.read))).toEqual(byId(all));
    expect(await loadPriceEntry(store.read, ofTenant.id)).toEqual(ofTenant);
    const seen = async (scope: Parameters<typeof listPriceEntries>[1]) =>
      byId(await listPriceEntries(store.read, scope, { limit: 9 }));
    expect(await seen(PLATFORM)).toEqual(byId([ofPartner, ofTenant, foreign]));
    expect([await seen(OF_PARTNER), await seen(OF_TENANT)]).toEqual([[ofTenant], []]);
    expect(await findPriceEntry(store.read, OF_PARTNER, ofPartner.id)).toBeUndefined();
    expect(await findPriceEntry(store.read, OF_PARTNER, foreign.id)).toBeUndefined();
  });

  test("rate a request after a crash as when it was admitted, whatever has been priced since", async () => {
    store = await engine.open();
    const raised = entry({ kind: "mark_up", ppm: 333_333 });
    const lowered = entry({ kind: "mark_up", ppm: -1 }, { tenantId: "tenant_A" });
    await store.commit([
      ...createPriceVersion(version("price_list", "model_A", 1_000n), AT),
      ...createPriceVersion(version("price_floor", "grant_A", 1_100n), AT),
      ...[raised, lowered].flatMap((each) => createPriceEntry(each, AT)),
    ]);
    const before = await priceList();
    const paid = before.paid(MODEL, TENANT, AT);
    const prices = { partner: paid.partner, tenant: atLeast(paid.tenant, "price_floor") };
    const promised = intent({
      bound: { cost: MOST, partner: MOST, tenant: MOST },
      priceVersionId: prices.tenant,
      partnerPriceId: partnerPriceOf(prices),
      costVersionId: undefined,
    });
    const settledBy = (list: PriceList, text: string) =>
      settlementOf(decodeIntent(text), INTERRUPTED, AT + 1, (name) => list.named(name));
    const text = encodeIntent(promised);
    const expected = settledBy(before, text);
    // 10 tokens in and 40 out at 1334 and 4000 pico, and at those less a millionth, rounded up.
    expect(expected.charge).toEqual({ cost: 0n, partner: 173_340n, tenant: 173_340n });
    await store.commit([
      ...createPriceVersion(version("price_new", "model_A", 9_000n, AT + 1), AT + 1),
      ...createPriceEntry(entry({ kind: "mark_up", ppm: 9_000_000 }, { modelId: "model_A" }), AT + 1),
      ...createPriceEntry(entry({ kind: "end", entryId: lowered.id }, { tenantId: "tenant_A" }), AT + 1),
    ]);
    const after = await priceList();
    expect(settledBy(after, text)).toEqual(expected);
    expect(after.paid(MODEL, TENANT, AT + 2).tenant).not.toBe(paid.tenant);
  });

  test("let one level pay nothing where another pays something", async () => {
    store = await engine.open();
    await store.commit(createPriceVersion(version("price_list", "model_A", 1_000n), AT));
    const list = await priceList();
    const bound = { cost: MOST, partner: MOST, tenant: MOST };
    const chargeAt = (prices: { partner: string | undefined; tenant: string | undefined }) =>
      settlementOf(
        intent({ bound, priceVersionId: prices.tenant, partnerPriceId: partnerPriceOf(prices) }),
        INTERRUPTED,
        AT,
        (name) => list.named(name),
      ).charge;
    expect(partnerPriceOf({ partner: undefined, tenant: "price_list" })).toBe(UNPAID);
    expect(chargeAt({ partner: undefined, tenant: "price_list" })).toMatchObject({
      partner: 0n,
      tenant: 130_000n,
    });
    expect(chargeAt({ partner: "price_list", tenant: undefined })).toMatchObject({
      partner: 130_000n,
      tenant: 0n,
    });
  });
});
