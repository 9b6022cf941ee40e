import type { PriceVersion } from "../../core/catalogue.ts";
import type { Rates } from "../../core/price.ts";
import { USAGE_BUCKETS } from "../../core/usage.ts";
import type { Pico } from "../../base/money.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { fromJson, present } from "../rows.ts";
import type { PriceVersionsTable } from "../schema.ts";
import type { Reader } from "../store.ts";

/** Picos as decimal strings, by bucket. */
type StoredRates = Readonly<Record<string, string | undefined>>;

/** The base rates, and those of the tiers beside them. */
interface StoredPrice {
  readonly batch_ppm?: number;
  readonly tiers?: readonly { readonly above: number; readonly rates: StoredRates }[];
}

function toRates(stored: StoredRates): Rates {
  const rates: Partial<Record<(typeof USAGE_BUCKETS)[number], Pico>> = {};
  for (const bucket of USAGE_BUCKETS) {
    const pico = stored[bucket];
    if (pico !== undefined) rates[bucket] = toRate(pico);
  }
  return rates;
}

/** What BigInt makes of an empty text, or of a list, is nothing to pay. */
function toRate(pico: unknown): Pico {
  if (typeof pico !== "string" || !/^\d+$/.test(pico)) throw new TypeError("a rate is digits in a text");
  return BigInt(pico);
}

/** A price as the database keeps it. Throws where the text is none. */
export function toPrice(text: string): Pick<PriceVersion, "rates" | "tiers" | "batchPpm"> {
  const { tiers, batch_ppm: batchPpm } = fromJson<StoredPrice>(text);
  return {
    rates: toRates(fromJson<StoredRates>(text)),
    ...(batchPpm !== undefined && { batchPpm }),
    ...(tiers !== undefined && {
      tiers: tiers.map((tier) => ({ aboveInputTokens: tier.above, rates: toRates(tier.rates) })),
    }),
  };
}

/** The same of a row that has to be there all the same: what it stands before must not be in force in its place. */
export function priceOfRow(
  text: string,
): Pick<PriceVersion, "rates" | "tiers" | "batchPpm" | "isUnreadable"> {
  try {
    return toPrice(text);
  } catch {
    return { rates: {}, isUnreadable: true };
  }
}

function toVersion(row: PriceVersionsTable): PriceVersion {
  return {
    id: row.id,
    subject: { kind: row.subject_kind, id: row.subject_id },
    effectiveFrom: Number(row.effective_from),
    ...priceOfRow(row.rates),
    ...present({ source: row.source }),
  };
}

export async function loadPriceVersions(read: Reader): Promise<PriceVersion[]> {
  const query = read.selectFrom("price_versions").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toVersion);
}

export async function loadPriceVersion(read: Reader, id: string): Promise<PriceVersion | undefined> {
  const row = await read.selectFrom("price_versions").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toVersion(row);
}

/** All versions of one model or backend, oldest first. */
export async function priceHistory(read: Reader, subject: PriceVersion["subject"]): Promise<PriceVersion[]> {
  const rows = await read
    .selectFrom("price_versions")
    .selectAll()
    .where("subject_kind", "=", subject.kind)
    .where("subject_id", "=", subject.id)
    .orderBy("effective_from")
    .orderBy("id")
    .limit(PAGE_ROWS)
    .execute();
  return rows.map(toVersion);
}
