import type { Pico } from "../base/money.ts";
import type { Rates } from "../core/price.ts";
import { USAGE_BUCKETS, type Usage } from "../core/usage.ts";
import { rateOf } from "./rates.ts";

/**
 * What this usage costs at these rates, exactly: a sum of integer products, nothing is rounded. Buckets without a
 * rate add nothing, so whoever dispatches asks `unpricedBuckets` (or has a bound) first. Throws RangeError when a
 * value is not an integer.
 */
export function charge(usage: Usage, rates: Rates): Pico {
  let amount = 0n;
  for (const bucket of USAGE_BUCKETS) {
    const units = usage[bucket];
    if (units === undefined || units === 0) continue;
    const rate = rateOf(rates, bucket);
    if (rate !== undefined) amount += BigInt(units) * rate;
  }
  return amount;
}
