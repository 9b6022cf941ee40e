import type { PriceVersion } from "../../core/catalogue.ts";
import type { Rates } from "../../core/price.ts";
import { changed } from "../changes/writer.ts";
import { build, type Write } from "../write.ts";

function textOf(rates: Rates): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(rates).map(([bucket, pico]) => [bucket, pico.toString()]));
}

/** Price versions are only ever added. */
export function createPriceVersion(version: PriceVersion, atMs: number): Write[] {
  const tiers = version.tiers?.map((tier) => ({ above: tier.aboveInputTokens, rates: textOf(tier.rates) }));
  const statement = build.insertInto("price_versions").values({
    id: version.id,
    subject_kind: version.subject.kind,
    subject_id: version.subject.id,
    effective_from: BigInt(version.effectiveFrom),
    rates: JSON.stringify({ ...textOf(version.rates), tiers }),
    source: version.source ?? null,
  });
  return [changed("price_version", version.id, atMs), { statement, about: "price_version" }];
}
