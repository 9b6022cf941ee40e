import { describe, expect, test } from "bun:test";
import { ANY_MODEL, type PriceEntry } from "../../src/core/price-book.ts";
import { ratesAt } from "../../src/pricing/tiers.ts";
import { PriceList } from "../../src/snapshot/price-list.ts";
import { RouteTerms } from "../../src/snapshot/route-terms.ts";
import { model } from "../store/samples.ts";

const MODEL = model({ free: false });
const TENANT = { id: "tenant_A", partnerId: "partner_A" };
const SIBLING = { id: "tenant_B", partnerId: "partner_A" };
const STRANGER = { id: "tenant_C", partnerId: "partner_C" };
/** Epoch milliseconds. */
const [NOW, BEGINS, ENDS] = [1_000, 2_000, 3_000];

function priceList(...entries: readonly Partial<PriceEntry>[]): PriceList {
  const list = new PriceList();
  const price = (id: string, subjectId: string, input: bigint) => ({
    kind: "price_version" as const,
    id,
    value: {
      id,
      subject: { kind: "model" as const, id: subjectId },
      effectiveFrom: 0,
      rates: { input, output: input },
    },
  });
  list.apply(price("price_list", MODEL.id, 100n));
  list.apply(price("price_floor", "grant_A", 150n));
  for (const [n, entry] of entries.entries()) {
    const id = `entry_${n}`;
    list.apply({
      kind: "price_entry",
      id,
      value: {
        id,
        partnerId: "partner_A",
        modelId: ANY_MODEL,
        terms: { kind: "mark_up", ppm: 1_000_000 },
        effectiveFrom: 0,
        setBy: "platform",
        createdAt: 0,
        ...entry,
      },
    });
  }
  return list;
}

describe("the terms of a route", () => {
  test("change at the instant an entry begins, and ends, without any change to what is stored", () => {
    const list = priceList({ tenantId: TENANT.id, effectiveFrom: BEGINS, effectiveUntil: ENDS });
    const terms = new RouteTerms(MODEL, [], list);
    const at = (now: number) => terms.for(TENANT, now).tenant;
    expect([NOW, BEGINS - 1, BEGINS, ENDS - 1, ENDS].map(at)).toEqual([
      "price_list",
      "price_list",
      "price_list+entry_0",
      "price_list+entry_0",
      "price_list",
    ]);
    // A request that was admitted before pays what it paid then.
    expect([BEGINS, NOW].map(at)).toEqual(["price_list+entry_0", "price_list"]);
  });

  test("are worked out once for a tenant, and once for all that have no book", () => {
    const terms = new RouteTerms(MODEL, [], priceList({ tenantId: TENANT.id }));
    expect(terms.for(TENANT, NOW)).toBe(terms.for(TENANT, NOW + 1));
    expect(terms.for(STRANGER, NOW)).toBe(terms.for(SIBLING, NOW));
    expect([terms.for(TENANT, NOW).tenant, terms.for(SIBLING, NOW).tenant]).toEqual([
      "price_list+entry_0",
      "price_list",
    ]);
  });

  test("take a partner's entry for all its tenants, and none of another's", () => {
    const terms = new RouteTerms(MODEL, [], priceList({}, { tenantId: TENANT.id }));
    const paid = (tenant: typeof TENANT) => {
      const { partner, tenant: own } = terms.for(tenant, NOW);
      return [partner, own];
    };
    expect(paid(TENANT)).toEqual(["price_list+entry_0", "price_list+entry_0+entry_1"]);
    expect(paid(SIBLING)).toEqual(["price_list+entry_0", "price_list+entry_0"]);
    expect(paid(STRANGER)).toEqual(["price_list", "price_list"]);
  });

  test("know the most that any backend's floor makes of a price, at each level", () => {
    const floors = [
      { partner: "price_floor", tenant: undefined },
      { partner: undefined, tenant: undefined },
    ];
    const { most } = new RouteTerms(MODEL, floors, priceList()).for(STRANGER, NOW);
    expect(most.partner && ratesAt(most.partner, 1).input).toBe(150n);
    expect(most.tenant && ratesAt(most.tenant, 1).input).toBe(100n);
  });

  test("are no price where nobody has set one and the model is not free, and nothing where it is", () => {
    const bare = new PriceList();
    const of = (free: boolean) => new RouteTerms({ ...MODEL, free }, [], bare).for(TENANT, NOW);
    expect([of(false).isPriced, of(true).isPriced]).toEqual([false, true]);
    expect(of(true).most).toEqual({ partner: undefined, tenant: undefined });
  });
});
