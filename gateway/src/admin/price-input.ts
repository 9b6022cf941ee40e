import type { PriceVersion } from "../core/catalogue.ts";
import { newId } from "../base/ids.ts";
import { ApiError } from "../errors.ts";
import { isPricedForTokens } from "../pricing/bound.ts";
import { givenPrices, type Tiered, tieredFrom } from "../pricing/tiers.ts";
import type { PricesInput } from "./fields.ts";

/**
 * The rates of what a caller gave. `field` is where the figures stood in the body. Throws ApiError VALIDATION_ERROR by
 * field: out of range, too fine, or without a price for tokens in or out.
 */
export function ratesOf(input: PricesInput, field: string): Tiered {
  const made = tieredFrom(givenPrices(input));
  if (made.issues !== undefined) {
    const details = made.issues.map((issue) => ({
      field: `${field}.${issue.field}`,
      message: issue.message,
    }));
    throw new ApiError("VALIDATION_ERROR", undefined, { details });
  }
  if (!isPricedForTokens(made.rates)) {
    throw new ApiError("VALIDATION_ERROR", undefined, {
      details: [{ field, message: "needs input_per_mtok and output_per_mtok" }],
    });
  }
  return made;
}

/** A price version made of what a caller gave. Throws as `ratesOf` does. */
export function priceVersion(
  input: PricesInput,
  source: string | undefined,
  field: string,
  subject: PriceVersion["subject"],
  nowMs: number,
): PriceVersion {
  const { rates, tiers, batchPpm } = ratesOf(input, field);
  return {
    id: newId("price", nowMs),
    subject,
    effectiveFrom: nowMs,
    rates,
    ...(tiers !== undefined && { tiers }),
    ...(batchPpm !== undefined && { batchPpm }),
    ...(source !== undefined && { source }),
  };
}
