/** The setting that has the number of the last row of usage from before there was a ledger. */
export const LEDGER_BEGINS = "ledger_begins";
