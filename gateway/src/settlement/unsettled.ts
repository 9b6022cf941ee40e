import type { Intent, Settlement } from "../core/accounting.ts";
import type { Journal } from "../journal/journal.ts";
import { StoreUnavailable } from "../store/errors.ts";
import type { SetAside } from "./recover.ts";

/** Settlements that may wait; beyond it a request is left to the recovery of the next start. */
const WAITING_MAX = 100_000;

/**
 * Settlements the journal could not take when their requests ended. They are offered again until it does: to wait
 * for the next start would leave the request open for as long as the process lives, and by then no checkpoint
 * remembers what was delivered.
 */
export class Unsettled {
  readonly #waiting = new Map<string, Settlement>();
  readonly #onSetAside: (setAside: SetAside) => void;

  /** `onSetAside` hears of settlements the journal will never take: they are left to the recovery of the next start. */
  constructor(onSetAside: (setAside: SetAside) => void) {
    this.#onSetAside = onSetAside;
  }

  /** Keeps a settlement for later; says whether there was room. */
  add(settlement: Settlement): boolean {
    if (this.#waiting.size >= WAITING_MAX) return false;
    this.#waiting.set(settlement.intent.requestId, settlement);
    return true;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** What was promised for those that wait. */
  *intents(): Iterable<Intent> {
    for (const { intent } of this.#waiting.values()) yield intent;
  }

  /**
   * Offers all of them again. Done once the journal has answered for each: one that is offered twice at a time would be
   * taken twice, and give back twice what it held. Rejects with StoreUnavailable when the journal still cannot be written.
   */
  async retry(journal: Pick<Journal, "settle">): Promise<void> {
    const offers = [...this.#waiting.values()].map((settlement) => this.#offer(settlement, journal));
    for (const offer of await Promise.allSettled(offers)) if (offer.status === "rejected") throw offer.reason;
  }

  async #offer(settlement: Settlement, journal: Pick<Journal, "settle">): Promise<void> {
    const { requestId } = settlement.intent;
    try {
      await journal.settle(settlement);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      this.#onSetAside({ requestId, reason: String(error) });
    }
    this.#waiting.delete(requestId);
  }
}
