import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { inputTokens, outputTokens, USAGE_BUCKETS } from "../../src/core/usage.ts";
import { bound } from "../../src/pricing/bound.ts";
import { charge } from "../../src/pricing/charge.ts";
import {
  clampUsage,
  estimatePromptTokens,
  estimateTokens,
  estimateUsage,
} from "../../src/pricing/usage-estimate.ts";
import { inForce } from "../../src/pricing/version.ts";
import type { PriceVersion } from "../../src/core/catalogue.ts";
import { tokenRates } from "./arbitraries.ts";

const LIMIT = { inputTokensMax: 100, outputTokensMax: 50, n: 2 };

describe("estimates", () => {
  test("four bytes are a token, a rest counts as one, and a message adds four", () => {
    expect([0, 1, 4, 5].map((bytes) => estimateTokens(bytes))).toEqual([0, 1, 1, 2]);
    expect(estimatePromptTokens(40, 3)).toBe(22);
    expect([estimateTokens(40, 430), estimatePromptTokens(40, 3, 430)]).toEqual([18, 30]);
  });

  test("an estimate never exceeds the bound and has no empty buckets", () => {
    expect(estimateUsage(40, 1_000, LIMIT)).toEqual({ input: 40, output: 100 });
    expect(estimateUsage(40, 0, LIMIT)).toEqual({ input: 40 });
  });
});

describe("clampUsage", () => {
  test("what is within the bound stays as it is", () => {
    const usage = { input: 150, input_cached_read: 50, output: 60, output_reasoning: 40, request: 1 };
    expect(clampUsage(usage, LIMIT)).toEqual({ usage, excessTokens: 0 });
  });

  test("what is beyond it is cut, special buckets first, and the excess is told", () => {
    const reported = { input: 150, input_cached_read: 80, output: 90, output_reasoning: 1_000 };
    expect(clampUsage(reported, LIMIT)).toEqual({
      usage: { input: 150, input_cached_read: 50, output: 90, output_reasoning: 10 },
      excessTokens: 1_020,
    });
    expect(clampUsage({ input: 200, input_audio: 5 }, LIMIT).usage).toEqual({ input: 200 });
  });

  test("after it no report, however mad, costs more than the bound", () => {
    const mad = fc.oneof(fc.maxSafeNat(), fc.double(), fc.integer(), fc.constant(1e18));
    const usages = fc.dictionary(
      fc.constantFrom(...USAGE_BUCKETS.filter((b) => b.startsWith("input") || b.startsWith("output"))),
      mad,
    );
    fc.assert(
      fc.property(usages, tokenRates, (reported, rates) => {
        const { usage } = clampUsage(reported, LIMIT);
        const verdict = bound(LIMIT, rates);
        expect(verdict.kind === "bound" && charge(usage, rates) <= verdict.amount).toBe(true);
        expect(inputTokens(usage)).toBeLessThanOrEqual(200);
        expect(outputTokens(usage)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe("inForce", () => {
  function version(id: string, effectiveFrom: number): PriceVersion {
    return { id, effectiveFrom, subject: { kind: "model", id: "model_1" }, rates: {} };
  }
  const versions = [
    version("price_C", 300),
    version("price_A", 100),
    version("price_B", 200),
    version("price_D", 200),
  ];

  test.each([
    [99, undefined],
    [100, "price_A"],
    [199, "price_A"],
    [200, "price_D"],
    [299, "price_D"],
    [300, "price_C"],
    [9e15, "price_C"],
  ])("at %p it is %p", (nowMs, id) => {
    expect(inForce(versions, nowMs)?.id).toBe(id);
    expect(inForce(versions.toReversed(), nowMs)?.id).toBe(id);
  });
});
