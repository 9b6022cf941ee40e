import type { Settlement } from "../../core/accounting.ts";
import type { Journal } from "../../journal/journal.ts";

/** A journal that says which settlements are kept: what budgets hold for them is free from then on, and not before. */
export function bookedJournal(
  journal: Pick<Journal, "intend" | "settle">,
  settled: (settlement: Settlement) => void,
): Pick<Journal, "intend" | "settle"> {
  return {
    intend: (intent) => journal.intend(intent),
    settle(settlement) {
      const kept = journal.settle(settlement);
      return settlement.budgets === undefined ? kept : kept.then(() => settled(settlement));
    },
  };
}
