import type { ChatEvent, Opaque, StopDetail } from "../../core/chat.ts";

/** The mark that ends a stream of this family of formats. */
export const DONE = "[DONE]";
export const DONE_EVENT = `data: ${DONE}\n\n`;

/** Events that say something about a choice, and so become a chunk. */
export type DeltaEvent = Exclude<
  ChatEvent,
  { type: "opaque" | "extra" | "finish" | "usage" | "upstream_id" | "skipped" | "frame" | "end" }
>;

/**
 * The members of a chunk's `delta` as JSON text without braces. Built by hand: only what varies goes through
 * JSON.stringify (0.15 µs against 0.5 µs for the whole chunk as an object).
 */
export function deltaMembers(event: DeltaEvent): string {
  switch (event.type) {
    case "text":
      return `"content":${JSON.stringify(event.text)}`;
    case "reasoning":
      return `"reasoning":${JSON.stringify(event.text)}`;
    case "refusal":
      return `"refusal":${JSON.stringify(event.text)}`;
    case "tool_call": {
      const id = event.id === undefined ? "" : `"id":${JSON.stringify(event.id)},"type":"function",`;
      const name = event.name === undefined ? "" : `"name":${JSON.stringify(event.name)},`;
      const args = JSON.stringify(event.arguments);
      const opaque = event.opaque === undefined ? "" : `,"opaque":${JSON.stringify(event.opaque)}`;
      return `"tool_calls":[{"index":${event.call},${id}"function":{${name}"arguments":${args}}${opaque}}]`;
    }
  }
}

/** The member of a choice beside `finish_reason`, where the provider said more. */
export function detailMember(detail: StopDetail | undefined): string {
  return detail === undefined ? "" : `,"stop_detail":${JSON.stringify(detail)}`;
}

/**
 * What a choice holds beside its text, kept until it ends: programs put the deltas of a stream together by giving a
 * member they do not know its last value, so these go down whole, once. What a provider tells after that has its own
 * chunk at the end of the stream.
 */
export class Asides {
  readonly #byChoice = new Map<
    number,
    { readonly opaque: Opaque[]; readonly extra: Record<string, unknown[]> }
  >();

  take(event: Extract<ChatEvent, { type: "opaque" | "extra" }>): void {
    const kept = this.#byChoice.get(event.index) ?? { opaque: [], extra: {} };
    this.#byChoice.set(event.index, kept);
    if (event.type === "opaque") kept.opaque.push(event.opaque);
    else for (const [kind, items] of Object.entries(event.extra)) (kept.extra[kind] ??= []).push(...items);
  }

  /** The members of the delta that tells them; undefined where there is nothing to tell. */
  members(index: number): string | undefined {
    const kept = this.#byChoice.get(index);
    if (kept === undefined) return undefined;
    this.#byChoice.delete(index);
    const members: string[] = [];
    if (kept.opaque.length > 0) members.push(`"opaque":${JSON.stringify(kept.opaque)}`);
    if (Object.keys(kept.extra).length > 0) members.push(`"extra":${JSON.stringify(kept.extra)}`);
    return members.join(",");
  }

  /** What no chunk has told yet, by choice. */
  rest(): readonly { readonly index: number; readonly members: string }[] {
    return [...this.#byChoice.keys()].map((index) => ({ index, members: this.members(index) ?? "" }));
  }
}
