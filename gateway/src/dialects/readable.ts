import type { ChatEvent } from "../core/chat.ts";
import { shapeFault } from "./http/fault-words.ts";

/** Told in place of an answer that would be empty for no other reason. */
export const UNREADABLE = "nothing of the answer's content can be read";

/**
 * Whether an answer has said anything, and whether anything of it could not be read. One that would be empty for no other
 * reason than that nothing of it can be read is none.
 */
export class Readable {
  #hasSaid = false;
  #hasUnread = false;

  /** Takes note of what the content of the answer told, and gives it back. */
  note(events: readonly ChatEvent[]): readonly ChatEvent[] {
    for (const event of events) {
      if (event.type === "skipped") this.#hasUnread ||= event.passes !== true;
      else if ("index" in event) this.#hasSaid = true;
    }
    return events;
  }

  /** At the end of the answer. Throws FaultError where it is none. */
  demand(): void {
    if (this.#hasUnread && !this.#hasSaid) throw shapeFault(UNREADABLE);
  }
}
