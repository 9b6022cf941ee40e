import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { WriteConflict } from "../store/errors.ts";
import { addEvents } from "../store/events/writer.ts";
import { LOST_MS } from "../store/nodes/nodes.ts";
import { newlyLost } from "../store/nodes/reader.ts";
import { markLost } from "../store/nodes/writer.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";
import type { Logger } from "../telemetry/logs.ts";

export interface LostNodesDeps {
  readonly clock: Pick<Clock, "now">;
  readonly read: Reader;
  /** Rejects with WriteConflict and StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
  readonly log: Pick<Logger, "log">;
}

/** Tells, once for each silence, of nodes that nobody has heard of for a minute: what they hold counts as spent. */
export async function tellLostNodes(deps: LostNodesDeps): Promise<void> {
  const { clock, read, log } = deps;
  for (const { id, host, heardAt, holds } of await newlyLost(read, LOST_MS)) {
    const at = clock.now();
    const payload = { node_id: id, host, heard_at: new Date(heardAt).toISOString(), holds };
    const event = addEvents([{ id: newId("evt", at), type: "node.lost", payload, at }]);
    try {
      await deps.commit([markLost(id, LOST_MS), ...event]);
      log.log("error", "node_lost", { node_id: id, count: holds });
    } catch (error) {
      // Another node has told of it, or it is back.
      if (!(error instanceof WriteConflict)) throw error;
    }
  }
}
