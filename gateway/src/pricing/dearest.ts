import type { PriceTier, Rates } from "../core/price.ts";
import { USAGE_BUCKETS } from "../core/usage.ts";
import { rateOf } from "./rates.ts";
import { ratesAt, type Tiered } from "./tiers.ts";

/** A price that no request is cheaper at than at any of these: for limits of a charge whose price is not known yet. */
export function dearest(prices: readonly Tiered[]): Tiered | undefined {
  const [first, ...others] = prices;
  if (first === undefined || others.length === 0) return first;
  const marks = new Set(prices.flatMap(({ tiers = [] }) => tiers.map((tier) => tier.aboveInputTokens)));
  const tiers: PriceTier[] = [...marks]
    .sort((a, b) => a - b)
    .map((mark) => ({
      aboveInputTokens: mark,
      rates: highest(prices.map((price) => ratesAt(price, mark + 1))),
    }));
  return { rates: highest(prices.map(({ rates }) => rates)), ...(tiers.length > 0 && { tiers }) };
}

function highest(all: readonly Rates[]): Rates {
  const rates: { -readonly [Bucket in keyof Rates]: Rates[Bucket] } = {};
  for (const bucket of USAGE_BUCKETS) {
    for (const each of all) {
      const rate = rateOf(each, bucket);
      const known = rates[bucket];
      if (rate !== undefined && (known === undefined || rate > known)) rates[bucket] = rate;
    }
  }
  return rates;
}
