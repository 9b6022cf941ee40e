import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatAmount } from "../../src/base/money.ts";
import { ANY_MODEL, type PriceEntry } from "../../src/core/price-book.ts";
import { inputTokens } from "../../src/core/usage.ts";
import { type Book, entryFor, nextChangeOf } from "../../src/pricing/book.ts";
import { charge } from "../../src/pricing/charge.ts";
import { dearest } from "../../src/pricing/dearest.ts";
import { markedUp, markUpFrom, percentOf } from "../../src/pricing/mark-up.ts";
import { atLeast, type PriceRow, priceOfName, raisedBy } from "../../src/pricing/price-name.ts";
import { ratesAt, type Tiered, tieredBound, type TieredPrices, tieredFrom } from "../../src/pricing/tiers.ts";
import { boundAndUsage, tokenRates } from "./arbitraries.ts";

function made(prices: TieredPrices): Tiered {
  const tiered = tieredFrom(prices);
  if (tiered.issues !== undefined) throw new Error(JSON.stringify(tiered.issues));
  return tiered;
}

/** Rows by the letters that names are made of. */
const ROWS: Readonly<Record<string, PriceRow>> = {
  list: made({
    input_per_mtok: "2.50",
    output_per_mtok: "10",
    tiers: [{ above_input_tokens: 1_000, input_per_mtok: "5", output_per_mtok: "20" }],
  }),
  floor: made({ input_per_mtok: "3", output_per_mtok: "8", per_request: "0.01" }),
  odd: made({ input_per_mtok: "0.000001", output_per_mtok: "0.000003" }),
  override: made({ input_per_mtok: "2", output_per_mtok: "9" }),
  fifth: { ppm: 200_000 },
  third: { ppm: 333_333 },
  less: { ppm: -100_000 },
  nothing: { ppm: -1_000_000 },
};
const priceOf = (name: string): Tiered => {
  const price = priceOfName(name, (id) => ROWS[id]);
  if (!price) throw new Error(`no price ${name}`);
  return price;
};

describe("golden vectors of price books", () => {
  // By hand, in units: tokens in × rate + tokens out × rate.
  test.each([
    ["list", 100, 10, "0.00035"],
    ["list+fifth", 100, 10, "0.00042"],
    ["list+fifth+less", 100, 10, "0.000378"],
    ["list+nothing", 100, 10, "0"],
    ["override+fifth", 100, 10, "0.000348"],
    // Above 1000 tokens in: the tier is raised as the base is.
    ["list+fifth", 2_000, 10, "0.01224"],
    // Bucket by bucket: the floor's 3 in, the list's 10 out, the floor's fee.
    ["list|floor", 100, 10, "0.0104"],
    // In the tier the list is above the floor in both, and the fee stays.
    ["list|floor", 2_000, 10, "0.0202"],
    ["override+less|floor", 100, 10, "0.010381"],
    // A rate of 1 pico raised by a third is 2: rounded up, once.
    ["odd+third", 3, 0, "0.000000000006"],
  ])("%s for %d in and %d out is %s", (name, input, output, amount) => {
    const rates = ratesAt(priceOf(name), input);
    expect(formatAmount(charge({ input, output, request: 1 }, rates))).toBe(amount);
  });

  test("a name with a row that is not there is no price, rather than a wrong one", () => {
    const find = (name: string) => priceOfName(name, (id) => ROWS[id]);
    expect([find("gone"), find("list+gone"), find("list|gone"), find("fifth"), find("list+list")]).toEqual(
      Array(5).fill(undefined),
    );
  });

  test("nothing beside a floor is the floor", () => {
    expect([atLeast(undefined, "floor"), atLeast("list", undefined), atLeast(undefined, undefined)]).toEqual([
      "|floor",
      "list",
      undefined,
    ]);
    expect(priceOf("|floor")).toEqual(priceOf("floor"));
    expect(raisedBy("list", "fifth")).toBe("list+fifth");
  });
});

describe("every price that books make", () => {
  const tier = fc.record({ aboveInputTokens: fc.integer({ min: 1, max: 400_000 }), rates: tokenRates });
  const tiered: fc.Arbitrary<Tiered> = fc
    .record({
      rates: tokenRates,
      tiers: fc.uniqueArray(tier, { selector: (t) => t.aboveInputTokens, maxLength: 3 }),
    })
    .map(({ rates, tiers }) => ({
      rates,
      ...(tiers.length > 0 && { tiers: tiers.toSorted((a, b) => a.aboveInputTokens - b.aboveInputTokens) }),
    }));
  const marks = fc.array(fc.integer({ min: -1_000_000, max: 3_000_000 }), { maxLength: 2 });
  const after = (price: Tiered, ppms: readonly number[]) => ppms.reduce(markedUp, price);

  test("is bounded: no charge passes the bound, with floors of any backends and whichever of them serves", () => {
    fc.assert(
      fc.property(
        tiered,
        marks,
        fc.array(tiered, { maxLength: 3 }),
        boundAndUsage,
        (list, ppms, floors, [limit, usage]) => {
          const own = after(list, ppms);
          const verdict = tieredBound(limit, dearest([own, ...floors]) ?? own);
          const most = verdict.kind === "not_priced" ? -1n : verdict.amount;
          for (const price of [own, ...floors.map((floor) => dearest([own, floor]) ?? own)]) {
            expect(charge(usage, ratesAt(price, inputTokens(usage)))).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("is never negative, never below its floor, and not below the price it raises", () => {
    fc.assert(
      fc.property(
        tiered,
        fc.integer({ min: -1_000_000, max: 3_000_000 }),
        tiered,
        boundAndUsage,
        (list, ppm, floor, [, usage]) => {
          const at = (price: Tiered) => charge(usage, ratesAt(price, inputTokens(usage)));
          const raised = markedUp(list, ppm);
          expect(at(raised)).toBeGreaterThanOrEqual(0n);
          if (ppm >= 0) expect(at(raised)).toBeGreaterThanOrEqual(at(list));
          else expect(at(raised)).toBeLessThanOrEqual(at(list));
          const least = dearest([raised, floor]);
          expect(least && at(least)).toBeGreaterThanOrEqual(at(floor));
          expect(least && at(least)).toBeGreaterThanOrEqual(at(raised));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("is additive: what two parts of a usage cost at the same rates is what they cost together", () => {
    fc.assert(
      fc.property(
        tiered,
        marks,
        tiered,
        boundAndUsage,
        boundAndUsage,
        (list, ppms, floor, [, one], [, other]) => {
          const { rates } = dearest([after(list, ppms), floor]) ?? list;
          const both = Object.fromEntries(
            [...new Set([...Object.keys(one), ...Object.keys(other)])].map((bucket) => [
              bucket,
              Number(Reflect.get(one, bucket) ?? 0) + Number(Reflect.get(other, bucket) ?? 0),
            ]),
          );
          expect(charge(both, rates)).toBe(charge(one, rates) + charge(other, rates));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("a mark-up in percent", () => {
  test.each([
    ["12.5", 125_000],
    ["-10", -100_000],
    ["0", 0],
    ["-0", 0],
    ["-100", -1_000_000],
    ["0.0001", 1],
    ["10000", 100_000_000],
  ])("%s is %d millionths, and told as it was given", (text, ppm) => {
    expect(markUpFrom(text)).toEqual({ ppm });
    expect(percentOf(ppm)).toBe(text === "-0" ? "0" : text);
  });

  test.each([
    ["-100.0001", "must not be below -100"],
    ["10000.1", "is more than 10000; check the decimal point"],
    ["1.23456", "has more than 4 decimals"],
    ["ten", 'must be a decimal number in a string, such as "12.5"'],
    ["1e3", 'must be a decimal number in a string, such as "12.5"'],
  ])("%s is refused: %s", (text, problem) => {
    expect(markUpFrom(text)).toEqual({ problem });
  });
});

describe("the entry of a book that is in force", () => {
  const entry = (id: string, from: number, more: Partial<PriceEntry> = {}): PriceEntry => ({
    id,
    partnerId: "partner_1",
    modelId: "model_1",
    terms: { kind: "mark_up", ppm: 1 },
    effectiveFrom: from,
    setBy: "platform",
    createdAt: 0,
    ...more,
  });
  const book = (
    entries: readonly PriceEntry[],
    ended: readonly (readonly [string, number])[] = [],
  ): Book => ({
    entries: Map.groupBy(entries, ({ modelId }) => modelId),
    endedAt: new Map(ended),
  });
  const idAt = (given: Book, now: number) => entryFor(given, "model_1", now)?.id;

  test("is the latest that has begun, of two that begin together the one made later", () => {
    const given = book([entry("entry_C", 20), entry("entry_A", 10), entry("entry_B", 10)]);
    expect([9, 10, 19, 20].map((now) => idAt(given, now))).toEqual([
      undefined,
      "entry_B",
      "entry_B",
      "entry_C",
    ]);
    expect([0, 10, 20].map((now) => nextChangeOf(given, "model_1", now))).toEqual([10, 20, Infinity]);
  });

  test("is the one before again where it ends, by itself or by another entry", () => {
    const given = book(
      [entry("entry_A", 10), entry("entry_B", 20, { effectiveUntil: 40 }), entry("entry_C", 50)],
      [["entry_C", 60]],
    );
    expect([20, 39, 40, 50, 60].map((now) => idAt(given, now))).toEqual([
      "entry_B",
      "entry_B",
      "entry_A",
      "entry_C",
      "entry_A",
    ]);
    expect(nextChangeOf(given, "model_1", 20)).toBe(40);
    expect(nextChangeOf(given, "model_1", 50)).toBe(60);
  });

  test("is the model's own before that of every model, however old", () => {
    const given = book(
      [entry("entry_A", 10), entry("entry_B", 20, { modelId: ANY_MODEL })],
      [["entry_A", 30]],
    );
    expect([15, 25, 30].map((now) => idAt(given, now))).toEqual(["entry_A", "entry_A", "entry_B"]);
    expect(entryFor(given, "model_2", 25)?.id).toBe("entry_B");
  });
});
