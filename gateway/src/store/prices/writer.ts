import type { PriceVersion } from "../../core/catalogue.ts";
import { changed } from "../changes/writer.ts";
import { build, type Write } from "../write.ts";

/** Price versions are only ever added. */
export function createPriceVersion(version: PriceVersion, atMs: number): Write[] {
  const rates = Object.fromEntries(
    Object.entries(version.rates).map(([bucket, pico]) => [bucket, pico.toString()]),
  );
  const statement = build.insertInto("price_versions").values({
    id: version.id,
    subject_kind: version.subject.kind,
    subject_id: version.subject.id,
    effective_from: BigInt(version.effectiveFrom),
    rates: JSON.stringify(rates),
  });
  return [changed("price_version", version.id, atMs), { statement, about: "price_version" }];
}
