/** What is compared with the usage: the movements of a batch, the totals of a month, the cells of an hour, the window of a budget. */
export type DriftKind = "ledger" | "cells" | "budget";

/** Two figures that ought to be the same. */
export interface Comparison {
  readonly kind: DriftKind;
  /** What they are about: `batch 5`, `totals 2026-11`, `2026-11-30T15:00:00.000Z level 1`, a budget's id with its window. */
  readonly subject: string;
  /** What single requests come to, in words that are compared as they are. */
  readonly expected: string;
  readonly found: string;
}
