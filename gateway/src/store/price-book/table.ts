import type { PriceEntry } from "../../core/price-book.ts";

/** Lines of price books; only ever added. */
export interface PriceEntriesTable {
  id: string;
  partner_id: string;
  tenant_id: string | null;
  /** The tenant, or without one the partner. */
  subject_id: string;
  /** A model's id, or `*`. */
  model_id: string;
  kind: PriceEntry["terms"]["kind"];
  /** Of a price: as in `price_versions`. */
  rates: string | null;
  /** Of a mark-up: millionths. */
  mark_up_ppm: bigint | null;
  /** Of an end: the entry that ends. */
  ended_id: string | null;
  effective_from: bigint;
  effective_until: bigint | null;
  set_by: PriceEntry["setBy"];
  created_at: bigint;
}
