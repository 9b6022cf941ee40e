import type { EntryTerms, PriceEntry } from "../../core/price-book.ts";
import { changed } from "../changes/writer.ts";
import { storedPrice } from "../prices/writer.ts";
import { optionalInteger } from "../rows.ts";
import { build, type Write } from "../write.ts";

/** Entries are only ever added. */
export function createPriceEntry(entry: PriceEntry, atMs: number): Write[] {
  const statement = build.insertInto("price_entries").values({
    id: entry.id,
    partner_id: entry.partnerId,
    tenant_id: entry.tenantId ?? null,
    subject_id: entry.tenantId ?? entry.partnerId,
    model_id: entry.modelId,
    ...termColumns(entry.terms),
    effective_from: BigInt(entry.effectiveFrom),
    effective_until: optionalInteger(entry.effectiveUntil),
    set_by: entry.setBy,
    created_at: BigInt(entry.createdAt),
  });
  return [changed("price_entry", entry.id, atMs), { statement, about: "price_entry" }];
}

function termColumns(terms: EntryTerms) {
  return {
    kind: terms.kind,
    rates: terms.kind === "price" ? storedPrice(terms) : null,
    mark_up_ppm: terms.kind === "mark_up" ? BigInt(terms.ppm) : null,
    ended_id: terms.kind === "end" ? terms.entryId : null,
  };
}
