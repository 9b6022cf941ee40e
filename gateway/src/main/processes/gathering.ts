import { within } from "../../base/within.ts";
import type { Rendered } from "./messages.ts";

/** One that is too busy to answer is left out. */
const ANSWER_MS_MAX = 1_000;

interface Round {
  readonly parts: Rendered[];
  readonly wanted: number;
  readonly complete: () => void;
}

/** Questions to several processes, and their answers. */
export class Gathering {
  #last = 0;
  readonly #open = new Map<number, Round>();

  /** Asks so many processes under a number of its own; resolves with what has come when all have answered, or in time. */
  async of(wanted: number, ask: (id: number) => void): Promise<readonly Rendered[]> {
    if (wanted === 0) return [];
    const id = ++this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    const parts: Rendered[] = [];
    this.#open.set(id, { parts, wanted, complete: resolve });
    ask(id);
    await within(ANSWER_MS_MAX, promise, () => new Error("late")).catch(() => undefined);
    this.#open.delete(id);
    return parts;
  }

  /** The answer of one of them. */
  rendered(id: number, index: number, text: string): void {
    const round = this.#open.get(id);
    if (!round) return;
    round.parts.push({ index, text });
    if (round.parts.length === round.wanted) round.complete();
  }
}
