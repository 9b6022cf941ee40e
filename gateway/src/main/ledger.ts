import { systemClock as clock } from "../base/clock.ts";
import { UsageBooker } from "../jobs/book-usage.ts";
import type { Parts } from "./parts.ts";

/** What takes settled requests into the ledger. */
export function bookerOf({ records: { store, books }, plane: { snapshot } }: Parts): UsageBooker {
  const zoneOf = (tenantId: string, partnerId: string): string =>
    (snapshot.tenantById(tenantId) ?? snapshot.partnerById(partnerId))?.timeZone ?? "UTC";
  return new UsageBooker({ clock, books, read: store.control, zoneOf });
}
