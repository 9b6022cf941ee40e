import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compare, difference, shareOf, sumOf } from "../../src/lib/decimal.ts";

describe("amounts are counted to the last digit", () => {
  test("where floating-point numbers are not", () => {
    expect(sumOf(["0.1", "0.2"])).toBe("0.3");
    expect(sumOf(["98765432109876543210.12", "0.000000000001"])).toBe("98765432109876543210.120000000001");
    expect(sumOf([])).toBe("0");
    expect(difference("0.001", "0.0005")).toBe("0.0005");
    expect(difference("0.0005", "0.001")).toBe("-0.0005");
    expect(compare("0.10", "0.1")).toBe(0);
    expect(compare("9", "10")).toBeLessThan(0);
  });

  test("whatever they are", () => {
    const amount = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
    const decimal = (pico: bigint): string => {
      const digits = (pico < 0n ? -pico : pico).toString().padStart(13, "0");
      return `${pico < 0n ? "-" : ""}${digits.slice(0, -12)}.${digits.slice(-12)}`;
    };
    fc.assert(
      fc.property(amount, amount, (one, other) => {
        expect(compare(sumOf([decimal(one), decimal(other)]), decimal(one + other))).toBe(0);
        expect(compare(difference(decimal(one), decimal(other)), decimal(one - other))).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("what is no decimal number is refused, not counted as nothing", () => {
    for (const text of ["", "1e3", "1.", "0.0000000000001", "NaN"]) expect(() => sumOf([text])).toThrow();
  });

  test("a share is 0 of nothing", () => {
    expect([shareOf("1", "4"), shareOf("3", "2"), shareOf("1", "0")]).toEqual([0.25, 1.5, 0]);
  });
});
