import type { ChatEvent } from "../../core/chat.ts";

/** The mark that ends a stream of this family of formats. */
export const DONE = "[DONE]";
export const DONE_EVENT = `data: ${DONE}\n\n`;

/** Events that say something about a choice, and so become a chunk. */
export type DeltaEvent = Exclude<
  ChatEvent,
  { type: "finish" | "usage" | "upstream_id" | "skipped" | "frame" | "end" }
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
      return `"tool_calls":[{"index":${event.call},${id}"function":{${name}"arguments":${args}}}]`;
    }
  }
}
