import { systemClock as clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import type { OutboxEvent } from "../core/event.ts";
import type { Records } from "../journal/records.ts";
import { recover, type SetAside, type Unpriced } from "../settlement/recover.ts";
import type { ControlPlane } from "../snapshot/control-plane.ts";
import { addEvents } from "../store/events/writer.ts";
import type { Logger } from "../telemetry/logs.ts";

/** What settles the open requests of processes that have ended. */
export function recovery(records: Records, plane: ControlPlane, log: Logger): () => Promise<void> {
  const priceOf = (name: string) => plane.snapshot.prices.named(name);
  const onSetAside = tellSetAside(log);
  return async () => {
    const unpriced: Unpriced[] = [];
    const onUnpriced = (found: Unpriced): void => void unpriced.push(found);
    const recovered = await records.recover(async (journal) => {
      // Its process may have known a price that was made a moment ago.
      await plane.catchUp();
      return recover(journal, { priceOf, clock, onUnpriced, onSetAside });
    });
    if (recovered > 0) log.log("warn", "recovered", { count: recovered });
    if (unpriced.length > 0) await tellUnpriced(unpriced, records, log);
  };
}

/** Tells an operator of requests that cannot be settled. */
export function tellSetAside(log: Logger): (setAside: SetAside) => void {
  return ({ requestId, reason }) =>
    log.log("error", "settlement_set_aside", { request_id: requestId, reason });
}

async function tellUnpriced(unpriced: readonly Unpriced[], records: Records, log: Logger): Promise<void> {
  for (const { settlement, prices } of unpriced) {
    log.log("error", "price_missing", {
      request_id: settlement.intent.requestId,
      reason: `nobody is charged by ${prices.join(", ")}: not in the store`,
    });
  }
  try {
    await records.store.commit(addEvents(unpriced.map(eventOf)));
  } catch (error) {
    // They are settled, and the log has told of them.
    log.log("error", "event_lost", { reason: String(error) });
  }
}

function eventOf({ settlement: { intent, usageId }, prices }: Unpriced): OutboxEvent {
  const payload = {
    request_id: intent.requestId,
    usage_id: usageId,
    tenant_id: intent.payer.tenantId,
    model: intent.modelSlug,
    prices,
  };
  const at = clock.now();
  return { id: newId("evt", at), type: "accounting.price_missing", payload, at };
}
