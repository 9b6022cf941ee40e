import type { Clock } from "../base/clock.ts";
import { lowestIdAt } from "../base/ids.ts";
import { hasEventsBefore } from "../store/events/reader.ts";
import { deleteEventsBefore } from "../store/events/writer.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";

const DAY_MS = 86_400_000;
/** Events of one commit: a few milliseconds of the event loop. */
const EVENTS_AT_ONCE = 200;

export interface OldEventsDeps {
  readonly clock: Clock;
  /** How long an event waits to be delivered, or to be looked at again. */
  readonly config: { readonly eventDays: number };
  readonly read: Reader;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/** Deletes events whose time is over: the outbox does not grow for ever. */
export async function deleteOldEvents(deps: OldEventsDeps): Promise<void> {
  const beforeId = lowestIdAt("evt", deps.clock.now() - deps.config.eventDays * DAY_MS);
  while (await hasEventsBefore(deps.read, beforeId)) {
    await deps.commit([deleteEventsBefore(beforeId, EVENTS_AT_ONCE)]);
  }
}
