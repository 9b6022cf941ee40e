import type { Clock } from "../base/clock.ts";
import { deleteTracesBefore } from "../store/requests/writer.ts";
import { deleteUsageUpTo, hasTracesBefore, lastUsageBookedBefore } from "../store/retention.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";

/** Rows of one commit: some 2 ms of the event loop on SQLite. */
const ROWS_AT_ONCE = 100;
const DAY_MS = 86_400_000;

export interface RetentionDeps {
  readonly clock: Pick<Clock, "now">;
  readonly read: Reader;
  /** How long single rows are kept. */
  readonly days: { readonly traceDays: number; readonly usageDays: number };
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/**
 * Deletes traces and single settled requests whose time is over, in small steps. What was not booked yet is never
 * deleted, however old. Rejects with StoreUnavailable: the next call goes on.
 */
export async function deleteOldRecords(deps: RetentionDeps): Promise<void> {
  const { clock, read, days } = deps;
  const tracesBefore = clock.now() - days.traceDays * DAY_MS;
  while (await hasTracesBefore(read, tracesBefore)) {
    await deps.commit([deleteTracesBefore(tracesBefore, ROWS_AT_ONCE)]);
  }
  const bookedBefore = clock.now() - days.usageDays * DAY_MS;
  for (;;) {
    const last = await lastUsageBookedBefore(read, bookedBefore);
    if (last === undefined) return;
    await deps.commit([deleteUsageUpTo(last, ROWS_AT_ONCE)]);
  }
}
