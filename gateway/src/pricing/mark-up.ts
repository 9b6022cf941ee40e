import type { Pico } from "../base/money.ts";
import type { Rates } from "../core/price.ts";
import { USAGE_BUCKETS, type UsageBucket } from "../core/usage.ts";
import type { Tiered } from "./tiers.ts";

const MILLION = 1_000_000n;
/** Millionths: a hundredfold; whatever is more is a slip of the decimal point. */
export const MARK_UP_MAX = 100_000_000;
/** Millionths: at nothing at all. */
export const MARK_UP_MIN = -1_000_000;

const PERCENT = /^(-?)(\d{1,6})(?:\.(\d{1,4}))?$/;

/** A price raised by so many millionths: each rate by itself, rounded up to whole pico. */
export function markedUp({ rates, tiers, batchPpm }: Tiered, ppm: number): Tiered {
  const factor = MILLION + BigInt(ppm);
  return {
    rates: scaled(rates, factor),
    ...(batchPpm !== undefined && { batchPpm }),
    ...(tiers && {
      tiers: tiers.map((tier) => ({ ...tier, rates: scaled(tier.rates, factor) })),
    }),
  };
}

function scaled(rates: Rates, factor: bigint): Rates {
  const made: Partial<Record<UsageBucket, Pico>> = {};
  for (const bucket of USAGE_BUCKETS) {
    const rate = rates[bucket];
    if (rate !== undefined) made[bucket] = (rate * factor + MILLION - 1n) / MILLION;
  }
  return made;
}

/** Reads a mark-up in percent ("12.5", "-10") as millionths; or says what is wrong with it. */
export function markUpFrom(
  text: string,
): { readonly ppm: number; readonly problem?: never } | { readonly problem: string; readonly ppm?: never } {
  const match = PERCENT.exec(text);
  if (!match) {
    const isFine = /^-?\d{1,6}\.\d+$/.test(text);
    return {
      problem: isFine ? "has more than 4 decimals" : 'must be a decimal number in a string, such as "12.5"',
    };
  }
  const [, sign = "", whole = "0", fraction = ""] = match;
  const ppm = Number(whole) * 10_000 + Number(fraction.padEnd(4, "0"));
  const signed = sign === "-" && ppm !== 0 ? -ppm : ppm;
  if (signed < MARK_UP_MIN) return { problem: "must not be below -100" };
  if (signed > MARK_UP_MAX)
    return { problem: `is more than ${MARK_UP_MAX / 10_000}; check the decimal point` };
  return { ppm: signed };
}

/** Millionths as a percentage, as they were given. */
export function percentOf(ppm: number): string {
  const size = Math.abs(ppm);
  const fraction = (size % 10_000).toString().padStart(4, "0").replace(/0+$/, "");
  const whole = Math.floor(size / 10_000);
  return `${ppm < 0 ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
