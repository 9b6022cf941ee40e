import type { Booking, Run } from "../../core/ledger.ts";

/** Rows of usage on their way into the ledger and the roll-ups: each gets there once. */
export interface Books {
  /** The rows to be booked next, about `rowsMax` of them; undefined when there are none. Rejects with StoreUnavailable. */
  next(rowsMax: number): Promise<Run | undefined>;
  /** The number of the newest row, or of one before it where that is booked already. Rejects with StoreUnavailable. */
  newest(): Promise<bigint>;
  /**
   * Keeps a booking as a whole, and says whether it did: not where somebody else was faster. Rejects with
   * StoreUnavailable.
   */
  keep(booking: Booking): Promise<boolean>;
}
