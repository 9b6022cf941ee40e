import type { Clock } from "../../base/clock.ts";
import type { AnsweredHold, AskedHold, FreedHold, SharedHolds } from "../../store/budgets/shared-holds.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import { isTimedOut } from "../../store/postgres/fold-error.ts";

/** Requests of one round trip; more go with the next. */
const BATCH = 500;
/** Requests that may wait for a round trip. */
const WAITING_MAX = 20_000;
/** Holds that are to be given back. */
const FREED_MAX = 100_000;
/** The longest a request waits while batches that the server had no time for are sent again in halves. */
const PATIENCE_MS = 3_000;

export interface HoldQueueOptions {
  readonly clock: Pick<Clock, "monotonic">;
  readonly holds: Pick<SharedHolds, "hold" | "free">;
  readonly nodeId: string;
}

interface Waiting {
  readonly asked: AskedHold;
  readonly sinceMs: number;
  readonly resolve: (answer: AnsweredHold) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The statements by which a node moves what it holds, one after the other, each with the number of its turn. The requests
 * of one turn of the event loop, or those that come while a round trip is under way, go in one statement. Where the answer
 * to one is lost, the next gives back what it may have set aside: it waits for the lost one where that is still at work,
 * and a lost one that comes after it has missed its turn.
 */
export class HoldQueue {
  readonly #options: HoldQueueOptions;
  #waiting: Waiting[] = [];
  #freed: FreedHold[] = [];
  #turn = 0n;
  #underWay: Promise<void> | undefined;

  constructor(options: HoldQueueOptions) {
    this.#options = options;
  }

  /** Rejects with StoreUnavailable: then nothing is set aside, or it is given back before anything else is. */
  ask(asked: AskedHold): Promise<AnsweredHold> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new StoreUnavailable(`${WAITING_MAX} requests wait for their budgets`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<AnsweredHold>();
    this.#waiting.push({ asked, sinceMs: this.#options.clock.monotonic(), resolve, reject });
    void this.#wake();
    return promise;
  }

  /** What such a request holds, in one budget or in all, is to be given back with the next statement. */
  lose(requestId: string, budgetId?: string): void {
    // Beyond it they go with the node.
    if (this.#freed.length < FREED_MAX) this.#freed.push({ requestId, budgetId });
  }

  /** Gives back all that is to be. Rejects with StoreUnavailable: then the next statement does. */
  async settleLost(): Promise<void> {
    if (this.#freed.length === 0) return;
    await this.#wake();
    if (this.#freed.length > 0) throw new StoreUnavailable("what is held could not be given back");
  }

  #wake(): Promise<void> {
    this.#underWay ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#work());
    return this.#underWay;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0 || this.#freed.length > 0) {
      if (this.#freed.length === 0) await this.#hold(this.#waiting.splice(0, BATCH));
      else if (!(await this.#free())) break;
    }
    // In the same turn as the look at what waits: whoever comes after it begins anew.
    this.#underWay = undefined;
  }

  /** Whether that worked: where it did not, nobody may hold anything until it has. */
  async #free(): Promise<boolean> {
    const { holds, nodeId } = this.#options;
    const freed = this.#freed.slice(0, BATCH);
    try {
      // A node that is closed holds nothing any more that would be its own to give back.
      await holds.free(nodeId, ++this.#turn, freed);
      this.#freed.splice(0, freed.length);
      return true;
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
      return false;
    }
  }

  async #hold(batch: readonly Waiting[]): Promise<void> {
    const { holds, nodeId } = this.#options;
    try {
      const asked = batch.map((waiting) => waiting.asked);
      const { kind, answers } = await holds.hold(nodeId, ++this.#turn, asked);
      for (const [place, { resolve, reject }] of batch.entries()) {
        const answer = answers?.[place];
        if (answer) resolve(answer);
        else reject(new StoreUnavailable(REASONS[kind]));
      }
    } catch (error) {
      if (isTimedOut(error)) return this.#halve(batch, error);
      for (const { asked, reject } of batch) {
        this.lose(asked.requestId, asked.admittedAt === undefined ? undefined : asked.wants[0]?.budgetId);
        reject(error);
      }
    }
  }

  /** The server had no time for it and has done nothing: one budget that is much in use must not hold up the others. */
  async #halve(batch: readonly Waiting[], error: unknown): Promise<void> {
    const startedMs = this.#options.clock.monotonic() - PATIENCE_MS;
    const patient = batch.filter(({ sinceMs }) => batch.length > 1 && sinceMs > startedMs);
    for (const waiting of batch) if (!patient.includes(waiting)) waiting.reject(error);
    if (patient.length === 0) return;
    const half = Math.ceil(patient.length / 2);
    await this.#hold(patient.slice(0, half));
    if (half < patient.length) await this.#hold(patient.slice(half));
  }
}

const REASONS = {
  answers: "the store has not answered to all",
  out_of_turn: "the store does not know this node, or has closed it",
  waits: "nodes tell a store that has begun anew what they hold",
} as const;
