import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatAmount, parseAmount } from "../../src/base/money.ts";
import { pricesOf, rateOf, ratesFrom, unpricedBuckets } from "../../src/pricing/rates.ts";

describe("ratesFrom", () => {
  test("prices per million tokens become pico per token, exactly where they can", () => {
    expect(ratesFrom({ input_per_mtok: "2.50", output_per_mtok: "0.000001", per_image: "0.04" })).toEqual({
      rates: { input: 2_500_000n, output: 1n, image: 40_000_000_000n },
    });
  });

  test("what is finer than a pico per unit is rounded up, never down to free", () => {
    expect(ratesFrom({ input_per_mtok: "0.000000000001", output_per_mtok: "1.0000001" })).toEqual({
      rates: { input: 1n, output: 1_000_001n },
    });
  });

  test("a price of 0 is a rate, an absent one is not", () => {
    expect(ratesFrom({ input_per_mtok: "0" })).toEqual({ rates: { input: 0n } });
    expect(ratesFrom({})).toEqual({ rates: {} });
  });

  test.each([
    ["-1", "must not be negative"],
    ["0.0000000000001", "has more than 12 decimals"],
    ["1000000.000000000001", "is more than 1000000; check the decimal point"],
    ["99999999999999999999", "is more than 1000000; check the decimal point"],
    ["2,50", 'must be a decimal number in a string, such as "2.50"'],
    ["1e3", 'must be a decimal number in a string, such as "2.50"'],
    ["", 'must be a decimal number in a string, such as "2.50"'],
    [" 1", 'must be a decimal number in a string, such as "2.50"'],
    ["NaN", 'must be a decimal number in a string, such as "2.50"'],
    [".5", 'must be a decimal number in a string, such as "2.50"'],
  ])("%p is refused: %s", (text, message) => {
    expect(ratesFrom({ output_per_mtok: text })).toEqual({ issues: [{ field: "output_per_mtok", message }] });
  });

  test("every wrong field is named at once", () => {
    const { issues } = ratesFrom({ input_per_mtok: "-1", output_per_mtok: "3", per_image: "x" });
    expect(issues?.map((issue) => issue.field)).toEqual(["input_per_mtok", "per_image"]);
  });

  test("the largest price is accepted", () => {
    expect(ratesFrom({ input_per_mtok: "1000000" }).rates).toEqual({ input: 10n ** 12n });
  });

  test("prices of up to six decimals per million tokens read back as they were given", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), (micro) => {
        const text = formatAmount(micro * 1_000_000n);
        const { rates } = ratesFrom({ input_per_mtok: text });
        expect(rates && pricesOf(rates)).toEqual({ input_per_mtok: text });
      }),
    );
  });

  test("a rate is never below the price given, and less than one pico above it", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 18n), (pico) => {
        const rate = ratesFrom({ input_per_mtok: formatAmount(pico) }).rates?.input ?? -1n;
        expect(rate * 1_000_000n >= pico).toBe(true);
        expect((rate - 1n) * 1_000_000n < pico).toBe(true);
        expect(parseAmount(formatAmount(pico))).toBe(pico);
      }),
    );
  });
});

describe("rateOf", () => {
  test("buckets without a rate of their own cost what their parent does", () => {
    const rates = { input: 5n, output: 7n, input_cached_read: 1n };
    expect(rateOf(rates, "input_cached_read")).toBe(1n);
    for (const bucket of [
      "input",
      "input_cached_write_5m",
      "input_cached_write_1h",
      "input_audio",
    ] as const) {
      expect(rateOf(rates, bucket)).toBe(5n);
    }
    for (const bucket of ["output", "output_reasoning", "output_audio"] as const) {
      expect(rateOf(rates, bucket)).toBe(7n);
    }
    expect(rateOf({ ...rates, input_cached_write_5m: 6n }, "input_cached_write_1h")).toBe(6n);
  });

  test("buckets that are not tokens have no parent and are not priced", () => {
    const rates = { input: 5n, output: 7n };
    for (const bucket of ["image", "second", "character", "search", "request"] as const) {
      expect(rateOf(rates, bucket)).toBeUndefined();
    }
    expect(unpricedBuckets({ input: 1, image: 2, search: 0, request: 1 }, rates)).toEqual(["image"]);
    expect(unpricedBuckets({ input: 1, output_audio: 1 }, { input: 1n })).toEqual(["output_audio"]);
  });
});
