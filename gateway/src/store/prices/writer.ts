import type { PriceVersion } from "../../core/catalogue.ts";
import type { Rates } from "../../core/price.ts";
import { changed } from "../changes/writer.ts";
import { build, type Write } from "../write.ts";

function textOf(rates: Rates): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(rates).map(([bucket, pico]) => [bucket, pico.toString()]));
}

/** A price as the database keeps it. */
export function storedPrice({
  rates,
  tiers,
  batchPpm,
}: Pick<PriceVersion, "rates" | "tiers" | "batchPpm">): string {
  const stored = tiers?.map((tier) => ({ above: tier.aboveInputTokens, rates: textOf(tier.rates) }));
  return JSON.stringify({ ...textOf(rates), tiers: stored, batch_ppm: batchPpm });
}

/** Price versions are only ever added. */
export function createPriceVersion(version: PriceVersion, atMs: number): Write[] {
  const statement = build.insertInto("price_versions").values({
    id: version.id,
    subject_kind: version.subject.kind,
    subject_id: version.subject.id,
    effective_from: BigInt(version.effectiveFrom),
    rates: storedPrice(version),
    source: version.source ?? null,
  });
  return [changed("price_version", version.id, atMs), { statement, about: "price_version" }];
}
