import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PICO_PER_UNIT } from "../../src/base/money.ts";
import { charge } from "../../src/pricing/charge.ts";
import {
  ratesAt,
  type TieredPrices,
  tieredBound,
  tieredFrom,
  tieredPricesOf,
} from "../../src/pricing/tiers.ts";

const PRICES: TieredPrices = {
  input_per_mtok: "2.5",
  cached_read_per_mtok: "0.25",
  reasoning_per_mtok: "12",
  output_per_mtok: "15",
  per_request: "0.01",
  tiers: [
    { above_input_tokens: 200_000, input_per_mtok: "4", output_per_mtok: "20" },
    {
      above_input_tokens: 272_000,
      input_per_mtok: "5",
      output_per_mtok: "22.5",
      cached_read_per_mtok: "0.5",
    },
  ],
};

function made(prices: TieredPrices) {
  const tiered = tieredFrom(prices);
  if (tiered.issues !== undefined) throw new Error(JSON.stringify(tiered.issues));
  return tiered;
}

describe("price tiers", () => {
  const price = made(PRICES);

  test.each([
    [1, "2.5"],
    [200_000, "2.5"],
    [200_001, "4"],
    [272_000, "4"],
    [272_001, "5"],
    [10_000_000, "5"],
  ])("a request of %d input tokens is priced as a whole at %s per million", (tokens, perMillion) => {
    const picoPerToken = (BigInt(Number(perMillion) * 10) * PICO_PER_UNIT) / 10n / 1_000_000n;
    const one = charge({ input: tokens }, ratesAt(price, tokens));
    expect(one).toBe(BigInt(tokens) * picoPerToken);
  });

  test("what a tier does not name costs what its plain token does; fees stay", () => {
    const rates = ratesAt(price, 250_000);
    expect(charge({ output_reasoning: 1_000_000 }, rates)).toBe(20n * PICO_PER_UNIT);
    expect(charge({ input_cached_read: 1_000_000 }, rates)).toBe(4n * PICO_PER_UNIT);
    expect(charge({ request: 1 }, rates)).toBe(PICO_PER_UNIT / 100n);
  });

  test("are told as they were given", () => {
    const fees = { per_request: "0.01" };
    expect(tieredPricesOf(price)).toEqual({
      ...PRICES,
      tiers: PRICES.tiers?.map((tier) => ({ ...tier, ...fees })) ?? [],
    });
  });

  test.each<readonly [string, TieredPrices["tiers"], string]>([
    [
      "do not rise",
      [
        { above_input_tokens: 5, input_per_mtok: "1", output_per_mtok: "1" },
        { above_input_tokens: 5, input_per_mtok: "1", output_per_mtok: "1" },
      ],
      "tiers[1].above_input_tokens",
    ],
    ["have no price for output", [{ above_input_tokens: 5, input_per_mtok: "1" }], "tiers[0]"],
    [
      "have a price that is none",
      [{ above_input_tokens: 5, input_per_mtok: "x", output_per_mtok: "1" }],
      "tiers[0].input_per_mtok",
    ],
  ])("that %s are refused by field", (_name, tiers, field) => {
    const refused = tieredFrom({ input_per_mtok: "1", output_per_mtok: "1", tiers: tiers ?? [] });
    expect(refused.issues?.map((issue) => issue.field)).toEqual([field]);
  });

  test("no charge passes its bound, whichever tier the prompt reaches and however choices are counted", () => {
    const amount = fc.integer({ min: 0, max: 5_000 }).map((cents) => (cents / 100).toFixed(2));
    const tier = fc.record({ input_per_mtok: amount, output_per_mtok: amount, cached_read_per_mtok: amount });
    const given = fc.record({ base: tier, tiers: fc.array(tier, { minLength: 1, maxLength: 3 }) });
    const sizes = fc.record({
      inputTokensMax: fc.integer({ min: 0, max: 500 }),
      outputTokensMax: fc.integer({ min: 0, max: 500 }),
      n: fc.integer({ min: 1, max: 4 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      cached: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(given, sizes, ({ base, tiers }, { share, cached, ...tokens }) => {
        const tiered = made({
          ...base,
          tiers: tiers.map((each, place) => ({ above_input_tokens: 100 * (place + 1), ...each })),
        });
        const input = Math.floor(tokens.inputTokensMax * tokens.n * share);
        const cachedRead = Math.floor(input * cached);
        const usage = {
          input: input - cachedRead,
          input_cached_read: cachedRead,
          output: tokens.outputTokensMax * tokens.n,
        };
        const verdict = tieredBound(tokens, tiered);
        if (verdict.kind !== "bound") throw new Error(verdict.kind);
        expect(charge(usage, ratesAt(tiered, input)) <= verdict.amount).toBe(true);
      }),
    );
  });
});
