import type { Clock } from "../base/clock.ts";
import { nextTurn } from "../base/next-turn.ts";
import type { Reader } from "../store/store.ts";
import { hasTrafficBefore } from "../store/traffic/reader.ts";
import { deleteTrafficBefore, keepTraffic } from "../store/traffic/writer.ts";
import type { Write } from "../store/write.ts";
import type { Traffic } from "../telemetry/traffic.ts";

const HOUR_MS = 3_600_000;
/** Somewhat longer than anybody can ask for. */
const KEPT_HOURS = 25;
/** Rows of one commit: a millisecond or two of the event loop. */
const ROWS_AT_ONCE = 100;

export interface TrafficDeps {
  readonly traffic: Pick<Traffic, "take" | "giveBack">;
  readonly nodeId: string;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/** Brings what a node has counted into the store. */
export class TrafficKeeper {
  readonly #deps: TrafficDeps;
  #last: Promise<void> = Promise.resolve();

  constructor(deps: TrafficDeps) {
    this.#deps = deps;
  }

  /** All that had ended before the call is in the store then. Rejects with StoreUnavailable: the next one has it. */
  keep(): Promise<void> {
    // One after another: whoever finds nothing left to be written must still wait for whoever writes it.
    const kept = this.#last.then(() => this.#write());
    this.#last = kept.catch(() => undefined);
    return kept;
  }

  /** In steps that let calls in between. */
  async #write(): Promise<void> {
    const { traffic, nodeId } = this.#deps;
    const taken = traffic.take();
    try {
      for (let at = 0; at < taken.length; at += ROWS_AT_ONCE) {
        await this.#deps.commit(keepTraffic(taken.slice(at, at + ROWS_AT_ONCE), nodeId));
        await nextTurn();
      }
    } catch (error) {
      traffic.giveBack(taken);
      throw error;
    }
  }
}

export interface OldTrafficDeps {
  readonly clock: Pick<Clock, "now">;
  readonly read: Reader;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/** Deletes minutes that nobody can ask for any more. */
export async function deleteOldTraffic(deps: OldTrafficDeps): Promise<void> {
  const before = deps.clock.now() - KEPT_HOURS * HOUR_MS;
  while (await hasTrafficBefore(deps.read, before))
    await deps.commit([deleteTrafficBefore(before, ROWS_AT_ONCE)]);
}
