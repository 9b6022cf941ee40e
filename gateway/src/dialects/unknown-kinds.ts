import type { ChatEvent } from "../core/chat.ts";

/** Kinds of which one stream tells; their names are the provider's, and there may be any number of them. */
const KINDS_MAX = 20;
const NAME_CHARS_MAX = 60;

const NO_EVENTS: readonly ChatEvent[] = [];

/**
 * What streams say in kinds that this version does not know, in formats that have programs pass over them: each is told
 * once, for the trace alone, and handed on to callers of the same format.
 */
export class UnknownKinds {
  readonly #told = new Set<string>();

  /** The note on what is of this type: an event, a block or a piece of one. */
  note(what: "event" | "block" | "piece", type: unknown): readonly ChatEvent[] {
    const name =
      typeof type === "string"
        ? `of type ${JSON.stringify(type.slice(0, NAME_CHARS_MAX))}`
        : "without a type";
    return this.#once(`${what} ${name}`);
  }

  /** The note on a piece of a known type in a block whose type has no place for it. */
  misplaced(piece: string, block: string): readonly ChatEvent[] {
    return this.#once(`piece of type ${JSON.stringify(piece)} in a block of type ${JSON.stringify(block)}`);
  }

  #once(reason: string): readonly ChatEvent[] {
    if (this.#told.has(reason) || this.#told.size >= KINDS_MAX) return NO_EVENTS;
    this.#told.add(reason);
    return [{ type: "skipped", reason, passes: true }];
  }
}
