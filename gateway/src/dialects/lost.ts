import type { ChatMessage, ChatRequest, ContentPart, Opaque } from "../core/chat.ts";

/** What a format has a place for beside the words. */
export interface Places {
  /** Whether it can be handed this. */
  readonly opaque: (one: Opaque) => boolean;
  readonly cacheControl: boolean;
  readonly isError: boolean;
}

/** Paths of what messages and tools hold and a format built anew from their words leaves out. */
export function lostIn({ messages, tools = [] }: ChatRequest, places: Places): readonly string[] {
  const lost = new Set<string>();
  for (const message of messages) lostInMessage(message, places, lost);
  if (!places.cacheControl && tools.some((tool) => tool.cache_control !== undefined)) {
    lost.add("tools[].cache_control");
  }
  if (tools.some((tool) => tool.function.strict === true)) lost.add("tools[].function.strict");
  return [...lost];
}

function lostInMessage(message: ChatMessage, places: Places, lost: Set<string>): void {
  const { content, opaque = [], tool_calls: calls = [] } = message;
  // What signs the reasoning brings it along.
  if (message.reasoning !== undefined && !opaque.some(places.opaque)) lost.add("messages[].reasoning");
  if (opaque.some((one) => !places.opaque(one))) lost.add("messages[].opaque");
  if (calls.some((call) => (call.opaque ?? []).some((one) => !places.opaque(one)))) {
    lost.add("messages[].tool_calls[].opaque");
  }
  if (message.extra !== undefined) lost.add("messages[].extra");
  if (message.name !== undefined && message.role !== "tool") lost.add("messages[].name");
  if (message.is_error !== undefined && !places.isError) lost.add("messages[].is_error");
  if (typeof content === "object") for (const part of content ?? []) lostInPart(part, places, lost);
}

function lostInPart(part: ContentPart, { cacheControl }: Places, lost: Set<string>): void {
  if (!cacheControl && part.cache_control !== undefined) lost.add("messages[].content[].cache_control");
  lostDetail(part, lost);
}

/** How closely an image is to be looked at. */
export function lostDetail(part: ContentPart, lost: Set<string>): void {
  if (part.type === "image_url" && (part.image_url.detail ?? "auto") !== "auto") {
    lost.add("messages[].content[].image_url.detail");
  }
}
