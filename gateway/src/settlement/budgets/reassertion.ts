import { Rounds } from "../../base/rounds.ts";
import type { Intent } from "../../core/accounting.ts";
import type { AssertedHold, SharedHolds } from "../../store/budgets/shared-holds.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import type { OpenRequest } from "./arming.ts";

export interface ReassertionOptions {
  readonly holds: Pick<SharedHolds, "reassert">;
  readonly nodeId: string;
  /** Which start of the database server it was that has answered last; undefined before any has. */
  readonly storeStart: () => string | undefined;
  /** Sends again what the server may have lost of this node's settlements, and of those of the nodes before it. */
  readonly resend: () => Promise<void>;
  /** Sees to it that what has settled on this node counts in the store. */
  readonly flush: () => Promise<void>;
  readonly openRequests: () => Iterable<OpenRequest>;
  /** Settlements that the journal has not taken yet. */
  readonly unsettled: { intents(): Iterable<Intent> };
  /** Gives back what requests hold that are settled, and what those may hold that the store was lost over. */
  readonly free: (requestIds: readonly string[]) => Promise<void>;
}

/**
 * Tells a database server that has begun anew what this node knows: it may be one that came back without its last
 * commits. Until every node has, budgets that block take no requests.
 */
export class Reassertion {
  readonly #options: ReassertionOptions;
  readonly #rounds = new Rounds(() => this.#round());
  #told: string | undefined;
  /** How often somebody has asked for it, and how often they had when it was done last. */
  #wanted = 0;
  #done = 0;
  /** Requests whose holds were told of: one that has settled meanwhile may have been late to give back its own. */
  readonly #asserted = new Set<string>();

  constructor(options: ReassertionOptions) {
    this.#options = options;
  }

  /** Does nothing where nothing has happened. Rejects with StoreUnavailable: then the next call goes on. */
  async run(): Promise<void> {
    const start = this.#options.storeStart();
    if (start === undefined || (start === this.#told && this.#asserted.size === 0)) return;
    await this.#rounds.run();
  }

  /** Tells what is in flight holds, whatever has happened. Rejects with StoreUnavailable. */
  async again(): Promise<void> {
    this.#wanted++;
    await this.#rounds.run();
  }

  async #round(): Promise<void> {
    const { storeStart, resend, holds, nodeId, free } = this.#options;
    const start = storeStart();
    const wanted = this.#wanted;
    const isNew = start !== this.#told;
    if (start === undefined) {
      if (wanted > this.#done) throw new StoreUnavailable("it has not answered yet");
    } else if (isNew || wanted > this.#done) {
      // By their names, which may be those of requests that went on: what is told of them below is not to go with it.
      await free([]);
      // Those that end meanwhile are told of as well: they are given back below.
      const before = this.#open();
      if (isNew) await resend();
      const open = new Map([...before, ...this.#open()]);
      if (!(await holds.reassert(nodeId, start, [...open.values()].flatMap(heldBy)))) {
        throw new StoreUnavailable("the store has begun anew once more, or does not know this node");
      }
      this.#told = start;
      this.#done = wanted;
      for (const [id, intent] of open) if (intent.budgets !== undefined) this.#asserted.add(id);
    }
    await this.#freeSettled();
  }

  async #freeSettled(): Promise<void> {
    const { flush, free } = this.#options;
    const open = this.#open();
    const settled = [...this.#asserted].filter((id) => !open.has(id));
    if (settled.length === 0) return;
    await flush();
    await free(settled);
    for (const id of settled) this.#asserted.delete(id);
  }

  #open(): ReadonlyMap<string, Intent> {
    const { openRequests, unsettled } = this.#options;
    const open = new Map<string, Intent>();
    for (const { intent } of openRequests()) open.set(intent.requestId, intent);
    for (const intent of unsettled.intents()) open.set(intent.requestId, intent);
    return open;
  }
}

function heldBy({ requestId, budgets = [] }: Intent): readonly AssertedHold[] {
  return budgets.map(({ budgetId, window, pico, tokens, requests }) => ({
    requestId,
    budgetId,
    window,
    pico,
    tokens,
    requests,
  }));
}
