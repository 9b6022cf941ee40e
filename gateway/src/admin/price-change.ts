import type { PriceVersion } from "../core/catalogue.ts";
import { ApiError } from "../errors.ts";
import { tieredPricesOf } from "../pricing/tiers.ts";
import { inForce } from "../pricing/version.ts";
import { createPriceVersion } from "../store/prices/writer.ts";
import type { Write } from "../store/write.ts";
import type { AdminDeps } from "./deps.ts";
import type { PricesInput } from "./fields.ts";
import { priceVersion } from "./price-input.ts";

/** What an update says of prices: all of them, or one or two alone. */
export interface PriceChange {
  readonly prices?: PricesInput | undefined;
  /** Per million tokens. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly source?: string | undefined;
  /** Where each stands in the body. */
  readonly fields: { readonly prices: string; readonly input?: string; readonly output?: string };
}

/**
 * The version that an update writes; undefined when it says nothing of prices, so that what is in force stays. Throws
 * ApiError VALIDATION_ERROR.
 */
export function changedPrice(
  subject: PriceVersion["subject"],
  { prices, input, output, source, fields }: PriceChange,
  { snapshot, clock }: Pick<AdminDeps, "snapshot" | "clock">,
): PriceVersion | undefined {
  const now = clock.now();
  if (input === undefined && output === undefined) {
    return prices && priceVersion(prices, source, fields.prices, subject, now);
  }
  const first = (input === undefined ? fields.output : fields.input) ?? fields.prices;
  if (prices !== undefined) {
    const details = [{ field: first, message: `stands beside ${fields.prices}: give one of them` }];
    throw new ApiError("VALIDATION_ERROR", undefined, { details });
  }
  const present = inForce(snapshot.pricesOf(subject.id), now);
  const next = {
    ...(present && tieredPricesOf(present)),
    ...(input !== undefined && { input_per_mtok: input }),
    ...(output !== undefined && { output_per_mtok: output }),
  };
  return priceVersion(next, source, first, subject, now);
}

/** The writes of a new version, if there is one. */
export function priceWrites(version: PriceVersion | undefined, atMs: number): Write[] {
  return version === undefined ? [] : createPriceVersion(version, atMs);
}
