import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { AMOUNT_MAX } from "../../src/base/money.ts";
import { USAGE_BUCKETS, type Usage } from "../../src/core/usage.ts";
import {
  bound,
  inputTokensMax,
  isPricedForTokens,
  outputTokensMax,
  type BoundVerdict,
} from "../../src/pricing/bound.ts";
import { charge } from "../../src/pricing/charge.ts";
import { anyRates, anyUsage, boundAndUsage, tokenRates } from "./arbitraries.ts";

function amountOf(verdict: BoundVerdict): bigint {
  if (verdict.kind === "not_priced") throw new Error("not priced");
  return verdict.amount;
}

function sum(one: Usage, other: Usage): Usage {
  const keys = USAGE_BUCKETS.filter((bucket) => bucket in one || bucket in other);
  return Object.fromEntries(keys.map((key) => [key, (one[key] ?? 0) + (other[key] ?? 0)]));
}

describe("charge", () => {
  test("is additive: two usages together cost what they cost apart", () => {
    fc.assert(
      fc.property(anyUsage, anyUsage, anyRates, (one, other, rates) => {
        expect(charge(sum(one, other), rates)).toBe(charge(one, rates) + charge(other, rates));
      }),
    );
  });

  test("is monotone and never negative: using more never costs less", () => {
    fc.assert(
      fc.property(
        anyUsage,
        fc.constantFrom(...USAGE_BUCKETS),
        fc.nat(1_000),
        anyRates,
        (usage, bucket, more, rates) => {
          const less = charge(usage, rates);
          expect(less >= 0n).toBe(true);
          expect(charge(sum(usage, { [bucket]: more }), rates) >= less).toBe(true);
        },
      ),
    );
  });

  test("stays exact where floating point does not", () => {
    expect(charge({ input: 9_007_199_254_740_991 }, { input: 3n })).toBe(27_021_597_764_222_973n);
  });
});

describe("bound", () => {
  test("is at least the charge of any usage within its tokens, in whatever buckets they fall", () => {
    fc.assert(
      fc.property(boundAndUsage, tokenRates, ([limit, usage], rates) => {
        expect(amountOf(bound(limit, rates)) >= charge(usage, rates)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("takes each part at its dearest bucket, and everything n times", () => {
    const rates = {
      input: 3n,
      input_cached_write_1h: 6n,
      output: 15n,
      output_reasoning: 20n,
      request: 1_000n,
    };
    expect(bound({ inputTokensMax: 100, outputTokensMax: 10, n: 2 }, rates)).toEqual({
      kind: "bound",
      amount: 2n * (100n * 6n + 10n * 20n + 1_000n),
    });
  });

  test("a price without input or output is not priced, and a price of 0 is", () => {
    const limit = { inputTokensMax: 1, outputTokensMax: 1, n: 1 };
    expect(bound(limit, { input: 1n })).toEqual({
      kind: "not_priced",
      buckets: ["output", "output_reasoning", "output_audio"],
    });
    expect(bound(limit, {})).toHaveProperty("kind", "not_priced");
    expect(bound(limit, { input: 0n, output: 0n })).toEqual({ kind: "bound", amount: 0n });
    expect(isPricedForTokens({ input: 0n, output: 0n })).toBe(true);
    expect(isPricedForTokens({ output: 1n })).toBe(false);
  });

  test("more than one amount can hold is reported, at the limit it is not", () => {
    const atLimit = { inputTokensMax: 1, outputTokensMax: 0, n: 1 };
    expect(bound(atLimit, { input: AMOUNT_MAX, output: 0n })).toHaveProperty("kind", "bound");
    expect(bound({ ...atLimit, n: 2 }, { input: AMOUNT_MAX, output: 0n })).toHaveProperty(
      "kind",
      "too_large",
    );
  });
});

describe("the most tokens a request can use", () => {
  test("a prompt has at most a token per byte and its template, and never more than the context window", () => {
    expect(inputTokensMax({ textBytes: 1_000, messages: 3, unmeasured: false }, 128_000)).toBe(1_560);
    expect(inputTokensMax({ textBytes: 1_000_000, messages: 3, unmeasured: false }, 128_000)).toBe(128_000);
    expect(inputTokensMax({ textBytes: 10, messages: 1, unmeasured: true }, 128_000)).toBe(128_000);
  });

  test("an answer has what was asked for, else what the model can give, else the context window", () => {
    const model = { maxOutputTokens: 4_096, contextWindow: 128_000 };
    expect(outputTokensMax(100, model)).toBe(100);
    expect(outputTokensMax(100_000, model)).toBe(4_096);
    expect(outputTokensMax(undefined, model)).toBe(4_096);
    expect(outputTokensMax(undefined, { contextWindow: 8_192 })).toBe(8_192);
  });
});
