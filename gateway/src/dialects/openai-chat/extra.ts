import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent, Extra } from "../../core/chat.ts";

/** Beside the choices: where Perplexity, xAI and others tell what an answer is from. */
const OF_THE_ANSWER = ["citations", "search_results"] as const;
/** Of a message or delta: OpenAI's own place, and OpenRouter's. */
const OF_THE_MESSAGE = ["annotations"] as const;

/** What a whole answer cites; undefined where it cites nothing. What stands beside the choices is told of the first. */
export function citedIn(message: JsonObject, body: JsonObject | undefined): Extra | undefined {
  const extra: Record<string, readonly unknown[]> = {};
  const read = (from: JsonObject, kinds: readonly string[]): void => {
    for (const kind of kinds) {
      const items = from[kind];
      if (isList(items) && items.length > 0) extra[kind] = items;
    }
  };
  read(message, OF_THE_MESSAGE);
  if (body !== undefined) read(body, OF_THE_ANSWER);
  return Object.keys(extra).length > 0 ? extra : undefined;
}

/** What the chunks of one stream cite. Lists beside the choices come again with every chunk: each item is told once. */
export class CitedInStream {
  readonly #told = new Map<string, number>();

  /** Of a delta: more of its lists. */
  ofDelta(delta: JsonObject, index: number, events: ChatEvent[]): void {
    const items = delta["annotations"];
    if (isList(items) && items.length > 0) {
      events.push({ type: "extra", index, extra: { annotations: items } });
    }
  }

  ofChunk(chunk: JsonObject, events: ChatEvent[]): void {
    for (const kind of OF_THE_ANSWER) {
      const items = chunk[kind];
      if (!isList(items)) continue;
      const told = this.#told.get(kind) ?? 0;
      if (items.length <= told) continue;
      this.#told.set(kind, items.length);
      events.push({ type: "extra", index: 0, extra: { [kind]: items.slice(told) } });
    }
  }
}

/**
 * An annotation as the Responses API writes it, where it is OpenAI's chat's: there the members of a citation stand one
 * level deeper.
 */
export function flatAnnotation(item: unknown): unknown {
  if (!isObject(item) || item["type"] !== "url_citation") return item;
  const { url_citation: inner, ...rest } = item;
  return isObject(inner) ? { ...rest, ...inner } : item;
}
