import { formatAmount, parseAmount, PICO_PER_UNIT, type Pico } from "../base/money.ts";
import type { Rates } from "../core/price.ts";
import { USAGE_BUCKETS, type Usage, type UsageBucket } from "../core/usage.ts";
import type { ErrorDetail } from "../errors.ts";

/** How a price is quoted: for which bucket, and for how many of its smallest units. */
interface Quote {
  readonly bucket: UsageBucket;
  readonly units: bigint;
}

const MILLION = 1_000_000n;

/** The fields of a price as people give and read it: decimal strings in the installation's currency. */
export const PRICE_FIELDS = {
  input_per_mtok: { bucket: "input", units: MILLION },
  cached_read_per_mtok: { bucket: "input_cached_read", units: MILLION },
  cached_write_5m_per_mtok: { bucket: "input_cached_write_5m", units: MILLION },
  cached_write_1h_per_mtok: { bucket: "input_cached_write_1h", units: MILLION },
  input_audio_per_mtok: { bucket: "input_audio", units: MILLION },
  output_per_mtok: { bucket: "output", units: MILLION },
  reasoning_per_mtok: { bucket: "output_reasoning", units: MILLION },
  output_audio_per_mtok: { bucket: "output_audio", units: MILLION },
  per_image: { bucket: "image", units: 1n },
  per_second: { bucket: "second", units: 1_000n },
  per_mchar: { bucket: "character", units: MILLION },
  per_search: { bucket: "search", units: 1n },
  per_request: { bucket: "request", units: 1n },
} as const satisfies Record<string, Quote>;

export type PriceField = keyof typeof PRICE_FIELDS;
/** A price as it is given: absent fields have no rate of their own. */
export type Prices = Readonly<Partial<Record<PriceField, string>>>;

/** Currency units per quoted quantity; whatever is dearer is a slip of the decimal point. */
export const PRICE_MAX: Pico = 1_000_000n * PICO_PER_UNIT;

const FIELDS = Object.keys(PRICE_FIELDS).filter((name): name is PriceField => name in PRICE_FIELDS);

// A cached, spoken or thought token without a rate of its own costs what a plain one does; one that is cached for longer,
// what a cached one does. The other buckets have no parent: nothing tells what an image or a search would cost.
const PARENTS: Readonly<Partial<Record<UsageBucket, UsageBucket>>> = {
  input_cached_read: "input",
  input_cached_write_5m: "input",
  input_cached_write_1h: "input_cached_write_5m",
  input_audio: "input",
  output_reasoning: "output",
  output_audio: "output",
};

/**
 * Works a price out to integer pico per smallest unit, rounded up, once; or says what is wrong with which field.
 * A price of "0" is a rate; an absent one is not.
 */
export function ratesFrom(
  prices: Prices,
):
  | { readonly rates: Rates; readonly issues?: never }
  | { readonly issues: readonly ErrorDetail[]; readonly rates?: never } {
  const rates: Partial<Record<UsageBucket, Pico>> = {};
  const issues: ErrorDetail[] = [];
  for (const field of FIELDS) {
    const text = prices[field];
    if (text === undefined) continue;
    const { bucket, units } = PRICE_FIELDS[field];
    const amount = parseAmount(text);
    const message = problemOf(text, amount);
    if (message !== undefined) issues.push({ field, message });
    else if (amount !== undefined) rates[bucket] = (amount + units - 1n) / units;
  }
  return issues.length > 0 ? { issues } : { rates };
}

/** The price that rates stand for: what was given, unless it was finer than a pico per unit and rounded up. */
export function pricesOf(rates: Rates): Prices {
  const prices: Partial<Record<PriceField, string>> = {};
  for (const field of FIELDS) {
    const { bucket, units } = PRICE_FIELDS[field];
    const rate = rates[bucket];
    if (rate !== undefined) prices[field] = formatAmount(rate * units);
  }
  return prices;
}

/** Pico per unit of a bucket: its own rate, else its parent's, and so on; undefined = not priced. */
export function rateOf(rates: Rates, bucket: UsageBucket): Pico | undefined {
  const own = rates[bucket];
  if (own !== undefined) return own;
  const parent = PARENTS[bucket];
  return parent === undefined ? undefined : rateOf(rates, parent);
}

/**
 * What of this usage has no rate. Such a call is to be refused before it is made. A request without a fee per
 * request is not unpriced: most have none.
 */
export function unpricedBuckets(usage: Usage, rates: Rates): readonly UsageBucket[] {
  return USAGE_BUCKETS.filter(
    (bucket) => bucket !== "request" && (usage[bucket] ?? 0) > 0 && rateOf(rates, bucket) === undefined,
  );
}

function problemOf(text: string, amount: Pico | undefined): string | undefined {
  if (amount !== undefined) {
    return amount > PRICE_MAX
      ? `is more than ${formatAmount(PRICE_MAX)}; check the decimal point`
      : undefined;
  }
  if (/^-\d/.test(text)) return "must not be negative";
  if (/^\d+\.\d{13,}$/.test(text)) return "has more than 12 decimals";
  if (/^\d{13,}(\.\d+)?$/.test(text))
    return `is more than ${formatAmount(PRICE_MAX)}; check the decimal point`;
  return 'must be a decimal number in a string, such as "2.50"';
}
