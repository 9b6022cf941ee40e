import { systemClock as clock } from "../base/clock.ts";
import { UsageBooker } from "../jobs/book-usage.ts";
import { Reconciler } from "../jobs/reconcile.ts";
import type { BudgetBook } from "../settlement/budgets/budget-book.ts";
import type { Parts } from "./parts.ts";

const DAY_MS = 86_400_000;

/** What takes settled requests into the ledger. */
export function bookerOf({ records: { store, books }, plane: { snapshot } }: Parts): UsageBooker {
  const zoneOf = (tenantId: string, partnerId: string): string =>
    (snapshot.tenantById(tenantId) ?? snapshot.partnerById(partnerId))?.timeZone ?? "UTC";
  return new UsageBooker({ clock, books, read: store.control, zoneOf });
}

/** What compares the accounts with one another. */
export function reconcilerOf(
  { config, records: { store }, plane: { snapshot }, log }: Parts,
  book: Pick<BudgetBook, "standings">,
): Reconciler {
  return new Reconciler({
    clock,
    store,
    budgets: () => snapshot.budgets.all(),
    standings: (budgets) => book.standings(budgets),
    keptMs: config.usageDays * DAY_MS,
    onDrift: ({ kind, subject, expected, found }) =>
      log.log("error", "accounting_drift", {
        resource_id: `${kind} ${subject}`,
        reason: `requests come to ${expected}; found ${found}`,
      }),
  });
}
