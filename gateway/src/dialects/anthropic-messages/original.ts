import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { type ChatRequest, ORIGINAL, type OriginalRequest } from "../../core/chat.ts";
import { isForeignBlock } from "./foreign.ts";

/** A request in this format, ready to be sent on. */
export interface OwnOriginal extends OriginalRequest {
  /** What was left out of it: blocks that another family's answers came with. */
  readonly left?: readonly string[];
}

/** What the caller wrote, where it was written in this format. */
export function ownOriginal(request: ChatRequest): OwnOriginal | undefined {
  const original = request[ORIGINAL];
  if (original?.dialect !== "anthropic-messages") return undefined;
  const { messages } = original.body;
  if (!isList(messages) || !messages.some(hasForeign)) return original;
  const own = messages.map((message) => (hasForeign(message) ? withoutForeign(message) : message));
  const body: JsonObject = { ...original.body, messages: own };
  return { ...original, body, left: ["messages[].content[].signature"] };
}

function contentOf(message: unknown): readonly unknown[] {
  const content = isObject(message) ? message["content"] : undefined;
  return isList(content) ? content : [];
}

function hasForeign(message: unknown): boolean {
  return contentOf(message).some(isForeignBlock);
}

function withoutForeign(message: unknown): unknown {
  if (!isObject(message)) return message;
  return { ...message, content: contentOf(message).filter((block) => !isForeignBlock(block)) };
}
