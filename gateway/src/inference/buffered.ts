import type { ChatEvent } from "../core/chat.ts";
import { contentBytes } from "./content-bytes.ts";
import type { Opened } from "./open.ts";
import type { Trial } from "./trial.ts";
import type { EventSource } from "./upstream-stream.ts";

/** Events told at a time, so that a slow reader is not handed all of them at once. */
const EVENTS_AT_ONCE = 256;

/**
 * Reads a stream to its end before anything of it is told: whatever goes wrong then goes wrong unseen. How much there
 * may be is bounded by the transport. Throws FaultError.
 */
export async function buffered(opened: Opened, trial: Trial): Promise<Opened> {
  if (opened.kind === "whole") return opened;
  const { source, first, reply } = opened;
  const events: ChatEvent[] = [...first];
  try {
    for (let next = await source.next(); next; next = await source.next()) events.push(...next);
  } catch (error) {
    let bytes = 0;
    for (const event of events) bytes += contentBytes(event);
    trial.wasted(bytes);
    reply.close();
    throw error;
  }
  source.close();
  const told = new ToldEvents(events);
  return { kind: "stream", source: told, first: [], reply };
}

/** Events that are all there. */
class ToldEvents implements EventSource {
  readonly #events: readonly ChatEvent[];
  #position = 0;

  constructor(events: readonly ChatEvent[]) {
    this.#events = events;
  }

  next(): Promise<readonly ChatEvent[] | undefined> {
    const piece = this.#events.slice(this.#position, this.#position + EVENTS_AT_ONCE);
    this.#position += piece.length;
    return Promise.resolve(piece.length === 0 ? undefined : piece);
  }

  close(): void {
    this.#position = this.#events.length;
  }
}
