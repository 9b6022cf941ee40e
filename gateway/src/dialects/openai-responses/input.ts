import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { piecesOf } from "../../core/answer-events.ts";
import type { ChatMessage, ContentPart, Opaque } from "../../core/chat.ts";

/** Members of a message for which this format has no place. */
const NO_PLACE = ["name", "extra", "is_error"] as const;

/** The items that a conversation is in this format. Adds the paths of what is left out. */
export function inputOf(messages: readonly ChatMessage[], dropped: Set<string>): readonly JsonObject[] {
  return messages.flatMap((message) => {
    for (const member of NO_PLACE) if (message[member] !== undefined) dropped.add(`messages[].${member}`);
    if (message.role === "assistant") return assistantItems(message, dropped);
    if (message.role === "tool") return [toolOutput(message, dropped)];
    return [{ type: "message", role: message.role, content: contentOf(message.content, dropped) }];
  });
}

function contentOf(content: ChatMessage["content"], dropped: Set<string>): string | readonly JsonObject[] {
  if (!isList(content)) return content ?? "";
  return content.map((part: ContentPart) => partOf(part, dropped));
}

function partOf(part: ContentPart, dropped: Set<string>): JsonObject {
  if (part.cache_control !== undefined) dropped.add("messages[].content[].cache_control");
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image_url":
      return { type: "input_image", image_url: part.image_url.url, detail: part.image_url.detail ?? "auto" };
    case "input_audio":
      return { type: "input_audio", input_audio: part.input_audio };
    case "file":
      return { type: "input_file", ...part.file };
  }
}

/** What a tool answered: as text, unless it is more than that. */
function toolOutput({ content, tool_call_id }: ChatMessage, dropped: Set<string>): JsonObject {
  const parts: readonly ContentPart[] = isList(content) ? content : [];
  const isText = parts.every((part) => part.type === "text");
  const text =
    typeof content === "string" ? content : parts.map((part) => ("text" in part ? part.text : "")).join("");
  const output = isText ? text : contentOf(content, dropped);
  return { type: "function_call_output", call_id: tool_call_id, output };
}

/** An earlier answer as the items it was: what is encrypted stands where it stood. */
function assistantItems(message: ChatMessage, dropped: Set<string>): readonly JsonObject[] {
  const { tool_calls, opaque = [], refusal, reasoning } = message;
  const own = opaque.filter(({ family }) => family === "openai");
  if (own.length < opaque.length) dropped.add("messages[].opaque");
  if (reasoning !== undefined && !own.some(isReasoning)) dropped.add("messages[].reasoning");
  const items: JsonObject[] = [];
  let phase: unknown;
  const content = textIn(message.content);
  for (const piece of piecesOf({
    role: "assistant",
    content,
    opaque: own,
    ...(tool_calls && { tool_calls }),
  })) {
    if (piece.type === "text") items.push(said({ type: "output_text", text: piece.text }, phase));
    else if (piece.type === "tool_call") items.push(callItem(piece, dropped));
    else if (piece.opaque.data["type"] === "message") ({ phase } = piece.opaque.data);
    else items.push(piece.opaque.data);
  }
  if (refusal != null) items.push(said({ type: "refusal", refusal }, phase));
  return items;
}

function isReasoning({ data }: Opaque): boolean {
  return data["type"] === "reasoning";
}

function said(part: JsonObject, phase: unknown): JsonObject {
  return { type: "message", role: "assistant", content: [part], ...(phase != null && { phase }) };
}

function callItem(
  piece: {
    readonly id?: string;
    readonly name?: string;
    readonly arguments: string;
    readonly opaque?: readonly Opaque[];
  },
  dropped: Set<string>,
): JsonObject {
  const own = piece.opaque?.filter(({ family }) => family === "openai") ?? [];
  if (own.length < (piece.opaque?.length ?? 0)) dropped.add("messages[].tool_calls[].opaque");
  const item = {
    type: "function_call",
    call_id: piece.id,
    name: piece.name ?? "",
    arguments: piece.arguments,
  };
  return Object.assign({}, ...own.map(({ data }) => data), item);
}

function textIn(content: ChatMessage["content"]): string {
  if (!isList(content)) return content ?? "";
  return content
    .map((part: unknown) => (isObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
}
