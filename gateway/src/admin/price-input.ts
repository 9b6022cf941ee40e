import type { PriceVersion } from "../core/catalogue.ts";
import { newId } from "../base/ids.ts";
import { ApiError } from "../errors.ts";
import { isPricedForTokens } from "../pricing/bound.ts";
import { type Prices, ratesFrom } from "../pricing/rates.ts";

/** Drops the keys zod leaves at undefined, so that absent stays absent. */
function given(input: Readonly<Record<string, string | undefined>>): Prices {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/**
 * A price version made of what a caller gave. `field` is where the figures stood in the body. Throws ApiError
 * VALIDATION_ERROR by field: out of range, too fine, or without a price for tokens in or out.
 */
export function priceVersion(
  input: Readonly<Record<string, string | undefined>>,
  field: string,
  subject: PriceVersion["subject"],
  nowMs: number,
): PriceVersion {
  const { rates, issues } = ratesFrom(given(input));
  if (issues !== undefined) {
    const details = issues.map((issue) => ({ field: `${field}.${issue.field}`, message: issue.message }));
    throw new ApiError("VALIDATION_ERROR", undefined, { details });
  }
  if (!isPricedForTokens(rates)) {
    throw new ApiError("VALIDATION_ERROR", undefined, {
      details: [{ field, message: "needs input_per_mtok and output_per_mtok" }],
    });
  }
  return { id: newId("price", nowMs), subject, effectiveFrom: nowMs, rates };
}
