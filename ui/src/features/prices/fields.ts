import type { Prices } from "../../api/types.ts";

/** A price as the API names it. */
export type PriceField = Exclude<keyof Prices, "tiers" | "batch_factor">;

/** The two that nearly every request is made of. */
export const MAIN_FIELDS = ["input_per_mtok", "output_per_mtok"] as const satisfies readonly PriceField[];
/** The others: where one is not given, its tokens cost what plain ones do. */
export const OTHER_FIELDS = [
  "cached_read_per_mtok",
  "cached_write_5m_per_mtok",
  "cached_write_1h_per_mtok",
  "input_audio_per_mtok",
  "reasoning_per_mtok",
  "output_audio_per_mtok",
  "per_image",
  "per_second",
  "per_mchar",
  "per_search",
  "per_request",
] as const satisfies readonly PriceField[];

export const FIELD_WORDS: Readonly<Record<PriceField, string>> = {
  input_per_mtok: "A million tokens in",
  output_per_mtok: "A million tokens out",
  cached_read_per_mtok: "A million read from a cache",
  cached_write_5m_per_mtok: "A million cached for 5 minutes",
  cached_write_1h_per_mtok: "A million cached for an hour",
  input_audio_per_mtok: "A million of audio in",
  reasoning_per_mtok: "A million of reasoning",
  output_audio_per_mtok: "A million of audio out",
  per_image: "An image",
  per_second: "A second",
  per_mchar: "A million characters",
  per_search: "A search",
  per_request: "A request",
};

/** Prices as a form holds them; empty is what is not given. */
export type TypedPrices = Readonly<Record<PriceField, string>>;

/** What requests with long prompts cost instead. */
export interface TypedTier {
  /** Of the row, for as long as the form is open. */
  readonly id: number;
  readonly above: string;
  readonly prices: TypedPrices;
}

/** A whole price as its form holds it. */
export interface PriceDraft {
  readonly prices: TypedPrices;
  readonly tiers: readonly TypedTier[];
  readonly batchFactor: string;
}

export const NO_PRICES: TypedPrices = {
  input_per_mtok: "",
  output_per_mtok: "",
  cached_read_per_mtok: "",
  cached_write_5m_per_mtok: "",
  cached_write_1h_per_mtok: "",
  input_audio_per_mtok: "",
  reasoning_per_mtok: "",
  output_audio_per_mtok: "",
  per_image: "",
  per_second: "",
  per_mchar: "",
  per_search: "",
  per_request: "",
};
export const NO_PRICE: PriceDraft = { prices: NO_PRICES, tiers: [], batchFactor: "" };

/** What is priced by the token can differ with the length of the prompt; what is not cannot. */
export function isOfTokens(field: PriceField): boolean {
  return field.endsWith("_per_mtok");
}

/** A price that there is, for its form to begin with. */
export function typedFrom({ tiers = [], batch_factor: factor = "", ...prices }: Prices): PriceDraft {
  return {
    prices: { ...NO_PRICES, ...prices },
    tiers: tiers.map(({ above_input_tokens: above, ...own }, id) => ({
      id,
      above: String(above),
      prices: { ...NO_PRICES, ...own },
    })),
    batchFactor: factor,
  };
}

/** The price as the API takes it. */
export function pricesBody({ prices, tiers, batchFactor }: PriceDraft): object {
  return {
    ...given(prices),
    ...(tiers.length > 0 && {
      tiers: tiers.map(({ above, prices: own }) => ({ above_input_tokens: Number(above), ...given(own) })),
    }),
    ...(batchFactor !== "" && { batch_factor: batchFactor }),
  };
}

function given(prices: TypedPrices): object {
  return Object.fromEntries(Object.entries(prices).filter(([, value]) => value !== ""));
}

/** One more tier, with nothing in it yet. */
export function withTier(draft: PriceDraft): PriceDraft {
  const id = Math.max(-1, ...draft.tiers.map((tier) => tier.id)) + 1;
  return { ...draft, tiers: [...draft.tiers, { id, above: "", prices: NO_PRICES }] };
}
