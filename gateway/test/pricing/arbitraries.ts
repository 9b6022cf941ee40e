import * as fc from "fast-check";
import type { Rates } from "../../src/core/price.ts";
import {
  INPUT_BUCKETS,
  OUTPUT_BUCKETS,
  USAGE_BUCKETS,
  type Usage,
  type UsageBucket,
} from "../../src/core/usage.ts";
import type { TokenBound } from "../../src/pricing/bound.ts";

const rate = fc.bigInt(0n, 10n ** 12n);

/** Rates that price every token bucket: input and output always, others sometimes. */
export const tokenRates: fc.Arbitrary<Rates> = fc.record(
  {
    input: rate,
    output: rate,
    input_cached_read: rate,
    input_cached_write_5m: rate,
    input_cached_write_1h: rate,
    input_audio: rate,
    output_reasoning: rate,
    output_audio: rate,
    request: rate,
  },
  { requiredKeys: ["input", "output"] },
);

/** Rates with any buckets at all. */
export const anyRates: fc.Arbitrary<Rates> = fc.dictionary(fc.constantFrom(...USAGE_BUCKETS), rate);

function usageOf(buckets: readonly UsageBucket[], most: number): fc.Arbitrary<Usage> {
  return fc.dictionary(fc.constantFrom(...buckets), fc.nat(most));
}

/** Any usage vector. */
export const anyUsage: fc.Arbitrary<Usage> = usageOf(USAGE_BUCKETS, 2_000_000);

/** Splits `total` over the buckets at random. */
function split(buckets: readonly UsageBucket[], total: number): fc.Arbitrary<Usage> {
  return fc
    .array(fc.nat(total), { minLength: buckets.length - 1, maxLength: buckets.length - 1 })
    .map((cuts) => {
      const marks = [0, ...cuts.toSorted((a, b) => a - b), total];
      const parts: Partial<Record<UsageBucket, number>> = {};
      for (const [index, bucket] of buckets.entries()) {
        const part = (marks[index + 1] ?? 0) - (marks[index] ?? 0);
        if (part > 0) parts[bucket] = part;
      }
      return parts;
    });
}

/** A bound and a usage that uses at most its tokens, spread over any buckets. */
export const boundAndUsage: fc.Arbitrary<readonly [TokenBound, Usage]> = fc
  .record({
    inputTokensMax: fc.nat(500_000),
    outputTokensMax: fc.nat(500_000),
    n: fc.integer({ min: 1, max: 8 }),
  })
  .chain((limit) =>
    fc
      .record({
        input: fc.nat(limit.inputTokensMax * limit.n),
        output: fc.nat(limit.outputTokensMax * limit.n),
      })
      .chain(({ input, output }) =>
        fc
          .tuple(split(INPUT_BUCKETS, input), split(OUTPUT_BUCKETS, output), fc.nat(limit.n))
          .map(([ins, outs, requests]) => [limit, { ...ins, ...outs, request: requests }] as const),
      ),
  );
