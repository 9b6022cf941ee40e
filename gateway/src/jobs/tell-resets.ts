import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { formatAmount } from "../base/money.ts";
import { type EndedWindow, markEndTold, untoldEnds } from "../store/budgets/resets.ts";
import { WriteConflict } from "../store/errors.ts";
import { addEvents } from "../store/events/writer.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";

/** Windows of one run: many end at midnight. */
const WINDOWS_AT_ONCE = 100;

export interface TellResetsDeps {
  readonly clock: Pick<Clock, "now">;
  readonly read: Reader;
  /** Rejects with WriteConflict and StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/**
 * Tells, once for each window, that a budget which was nearly or wholly used up begins anew; of the others nobody has
 * been told anything. Rejects with StoreUnavailable: then the next run goes on.
 */
export async function tellResets(deps: TellResetsDeps): Promise<void> {
  for (const ended of await untoldEnds(deps.read, deps.clock.now(), WINDOWS_AT_ONCE)) {
    const at = deps.clock.now();
    const event = addEvents([
      {
        id: newId("evt", at),
        type: "budget.reset",
        partnerId: ended.partnerId,
        ...(ended.tenantId !== undefined && { tenantId: ended.tenantId }),
        payload: payloadOf(ended),
        at,
      },
    ]);
    await deps.commit([markEndTold(ended, at), ...event]).catch(unlessTold);
  }
}

/** Another node was faster. */
function unlessTold(error: unknown): void {
  if (!(error instanceof WriteConflict) || error.kind !== "missing") throw error;
}

function payloadOf({ budgetId, scope, scopeId, period, start, end, spent }: EndedWindow) {
  return {
    budget_id: budgetId,
    scope,
    scope_id: scopeId,
    period,
    started_at: new Date(start).toISOString(),
    ended_at: new Date(end).toISOString(),
    spent: { cost: formatAmount(spent.pico), tokens: spent.tokens, requests: spent.requests },
  };
}
