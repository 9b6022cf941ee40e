import { z } from "zod";
import type { PriceField } from "../pricing/rates.ts";
import { TIERS_MAX } from "../pricing/tiers.ts";

const NAME_CHARS = 200;
/** No context window is larger. */
export const TOKENS_MAX = 100_000_000;

/** Text that people see: something in it, no control characters (PostgreSQL refuses NUL, terminals obey others). */
export const shownText = z
  .string("must be a text")
  .trim()
  .min(1, "must not be empty")
  .max(NAME_CHARS, `must have at most ${NAME_CHARS} characters`)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not contain control characters");

/** Longer text that people write: line breaks allowed. */
export function longText(charsMax: number) {
  return z
    .string("must be a text")
    .max(charsMax, `must have at most ${charsMax} characters`)
    .regex(/^[^\p{Cs}\0]*$/u, "must not contain NUL or half characters");
}

/** A whole number within limits. */
export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
}

/** Short lower-case names of what a model can do: `tools`, `vision`, `json_schema` … */
export const capabilities = z
  .array(z.string().regex(/^[a-z0-9_]{1,40}$/, "must be a name of lower-case letters, digits and _"))
  .max(32, "must have at most 32 entries");

/** An amount as people give it; the figure itself is judged by `pricing/`. */
export const decimal = z
  .string('must be a decimal number in a string, such as "2.50"')
  .max(40, "is too long");
/** A price or cost as people give it; the figures themselves are judged by `pricing/`. */
const priceFields = {
  input_per_mtok: decimal.optional(),
  cached_read_per_mtok: decimal.optional(),
  cached_write_5m_per_mtok: decimal.optional(),
  cached_write_1h_per_mtok: decimal.optional(),
  input_audio_per_mtok: decimal.optional(),
  output_per_mtok: decimal.optional(),
  reasoning_per_mtok: decimal.optional(),
  output_audio_per_mtok: decimal.optional(),
  per_image: decimal.optional(),
  per_second: decimal.optional(),
  per_mchar: decimal.optional(),
  per_search: decimal.optional(),
  per_request: decimal.optional(),
} satisfies Record<PriceField, z.ZodType>;
/** One price for every length of a request. */
export const plainPrices = z.strictObject(priceFields);
export const prices = z.strictObject({
  ...priceFields,
  tiers: z
    .array(z.strictObject({ above_input_tokens: wholeNumber(1, TOKENS_MAX), ...priceFields }))
    .min(1, "must not be empty")
    .max(TIERS_MAX, `must have at most ${TIERS_MAX} entries`)
    .optional()
    .describe("What whole requests cost instead, once their prompt has more tokens than this."),
  batch_factor: decimal
    .optional()
    .describe("The share of these prices that requests of a batch cost, such as 0.5; kept and shown."),
});
export type PricesInput = z.output<typeof prices>;

/** Epoch milliseconds as answers tell them. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
export const timestamp = z.iso.datetime();

/** The query of every list. */
export const pageQuery = {
  limit: z.coerce
    .number("must be a whole number")
    .int("must be a whole number")
    .min(1, "must be from 1 to 1000")
    .max(1000, "must be from 1 to 1000")
    .default(100)
    .describe("How many items a page has at most."),
  cursor: z
    .string()
    .max(400)
    .optional()
    .describe("`next_cursor` of the page before; without it, the first page."),
};

/** The query of lists that can be searched. */
export const listQuery = {
  ...pageQuery,
  q: z.string().max(200).optional().describe("Part of a name, a slug or an address."),
};

/** What a deletion answers. */
export const deleted = z.strictObject({ id: z.string(), deleted: z.literal(true) }).meta({ id: "Deletion" });

/** The answer to a deletion. */
export function deletion(id: string): z.infer<typeof deleted> {
  return { id, deleted: true };
}
