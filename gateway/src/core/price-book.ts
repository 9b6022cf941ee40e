import type { PriceTier, Rates } from "./price.ts";

/** In place of a model: every model that has no entry of its own. */
export const ANY_MODEL = "*";

/** What an entry does to the price of the level above. */
export type EntryTerms =
  /** Stands in its place. */
  | {
      readonly kind: "price";
      readonly rates: Rates;
      readonly tiers?: readonly PriceTier[];
      readonly batchPpm?: number;
      /** What the store has of it is no price: while it would be in force there is none. */
      readonly isUnreadable?: true;
    }
  /** Raises it, or lowers it below zero: millionths of it, from −1 000 000 on. */
  | { readonly kind: "mark_up"; readonly ppm: number }
  /** Ends another entry. */
  | { readonly kind: "end"; readonly entryId: string };

/** One line of a price book: what a partner pays the platform, or a tenant its partner. Append-only. */
export interface PriceEntry {
  readonly id: string;
  readonly partnerId: string;
  /** Absent = what the partner pays. */
  readonly tenantId?: string;
  /** A model's id, or `*`. */
  readonly modelId: string;
  readonly terms: EntryTerms;
  /** Epoch milliseconds. */
  readonly effectiveFrom: number;
  /** Epoch milliseconds: from then on it is not in force; absent = for good. */
  readonly effectiveUntil?: number;
  readonly setBy: "platform" | "partner";
  readonly createdAt: number;
}
