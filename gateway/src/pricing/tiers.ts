import type { PriceVersion } from "../core/catalogue.ts";
import type { PriceTier, Rates } from "../core/price.ts";
import { INPUT_BUCKETS, OUTPUT_BUCKETS, type UsageBucket } from "../core/usage.ts";
import type { ErrorDetail } from "../errors.ts";
import { type BoundVerdict, bound, isPricedForTokens, type TokenBound } from "./bound.ts";
import { type PriceField, type Prices, pricesOf, ratesFrom } from "./rates.ts";

/** Tiers of one price; vendors have one or two. */
export const TIERS_MAX = 8;

/** The prices of requests with more input tokens than `above_input_tokens`, cached ones counted. */
export type TierPrices = Prices & { readonly above_input_tokens: number };
/** A price as it is given, with what long requests cost instead. */
export type TieredPrices = Prices & {
  readonly tiers?: TierPrices[];
  /** What requests of a batch cost of it: "0.5". */
  readonly batch_factor?: string;
};

/** A price as parsers give it: fields that are absent may be there as undefined. */
type Parsed = { readonly [Field in PriceField]?: string | undefined };
type ParsedTiers = readonly (Parsed & { readonly above_input_tokens: number })[];

/** A price without the fields that a parser has left at undefined: absent stays absent. */
export function givenPrices(
  input: Parsed & { readonly tiers?: ParsedTiers | undefined; readonly batch_factor?: string | undefined },
): TieredPrices {
  const { tiers, batch_factor: factor, ...rest } = input;
  const base = { ...given(rest), ...(factor !== undefined && { batch_factor: factor }) };
  if (tiers === undefined) return base;
  return {
    ...base,
    tiers: tiers.map(({ above_input_tokens, ...tier }) => ({ above_input_tokens, ...given(tier) })),
  };
}

function given(prices: Parsed): Prices {
  return Object.fromEntries(Object.entries(prices).filter(([, value]) => value !== undefined));
}

/** The parts of a price version that amounts are worked out from. */
export type Tiered = Pick<PriceVersion, "rates" | "tiers" | "batchPpm">;

const MILLION = 1_000_000;
const TOKEN_BUCKETS: ReadonlySet<string> = new Set<UsageBucket>([...INPUT_BUCKETS, ...OUTPUT_BUCKETS]);

/**
 * Works a price and its tiers out to integer rates; or says what is wrong with which field. A tier prices every
 * token of the requests it is for: what it does not name costs what its plain token does, never the base price.
 */
export function tieredFrom(
  prices: TieredPrices,
): (Tiered & { readonly issues?: never }) | { readonly issues: readonly ErrorDetail[] } {
  const { tiers = [], batch_factor: factor, ...base } = prices;
  const { rates, issues: baseIssues } = ratesFrom(base);
  const batchPpm = factor === undefined ? undefined : batchPpmOf(factor);
  const issues: ErrorDetail[] = [
    ...(baseIssues ?? []),
    ...(factor !== undefined && batchPpm === undefined
      ? [{ field: "batch_factor", message: NO_FACTOR }]
      : []),
  ];
  const fees = Object.fromEntries(
    Object.entries(rates ?? {}).filter(([bucket]) => !TOKEN_BUCKETS.has(bucket)),
  );
  const made: PriceTier[] = [];
  for (const [place, { above_input_tokens: above, ...tier }] of tiers.entries()) {
    const own = ratesFrom(tier);
    const field = `tiers[${place}]`;
    issues.push(...(own.issues ?? []).map((issue) => ({ ...issue, field: `${field}.${issue.field}` })));
    if (made.some((other) => other.aboveInputTokens >= above)) {
      issues.push({ field: `${field}.above_input_tokens`, message: "must rise from tier to tier" });
    }
    if (own.rates !== undefined && !isPricedForTokens(own.rates)) {
      issues.push({ field, message: "needs input_per_mtok and output_per_mtok" });
    }
    made.push({ aboveInputTokens: above, rates: { ...fees, ...own.rates } });
  }
  if (issues.length > 0 || rates === undefined) return { issues };
  return {
    rates,
    ...(made.length > 0 && { tiers: made }),
    ...(batchPpm !== undefined && { batchPpm }),
  };
}

const NO_FACTOR = 'must be a decimal number in a string above 0 and up to 1, such as "0.5"';

/** Undefined for what is no share, or finer than a millionth. */
function batchPpmOf(text: string): number | undefined {
  const ppm = Number(text) * MILLION;
  return /^[01](\.\d{1,6})?$/.test(text) && ppm > 0 && ppm <= MILLION ? Math.round(ppm) : undefined;
}

/** The price that rates and tiers stand for. */
export function tieredPricesOf({ rates, tiers, batchPpm }: Tiered): TieredPrices {
  const base = {
    ...pricesOf(rates),
    ...(batchPpm !== undefined && { batch_factor: String(batchPpm / MILLION) }),
  };
  if (tiers === undefined) return base;
  return {
    ...base,
    tiers: tiers.map((tier) => ({
      above_input_tokens: tier.aboveInputTokens,
      ...pricesOf(tier.rates),
    })),
  };
}

/** The rates of a whole request with this many input tokens. */
export function ratesAt({ rates, tiers }: Tiered, inputTokens: number): Rates {
  if (tiers === undefined) return rates;
  return tiers.findLast((tier) => inputTokens > tier.aboveInputTokens)?.rates ?? rates;
}

/** An upper limit of the charge, whichever of the tiers the prompt turns out to reach. */
export function tieredBound(tokens: TokenBound, price: Tiered): BoundVerdict {
  let highest = bound(tokens, price.rates);
  // A dialect may count the prompt once for every choice.
  const inputMax = tokens.inputTokensMax * tokens.n;
  for (const tier of price.tiers ?? []) {
    if (inputMax <= tier.aboveInputTokens) break;
    if (highest.kind === "not_priced") return highest;
    const verdict = bound(tokens, tier.rates);
    if (verdict.kind === "not_priced") return verdict;
    if (verdict.amount > highest.amount) highest = verdict;
  }
  return highest;
}
