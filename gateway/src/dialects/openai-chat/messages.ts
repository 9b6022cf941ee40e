import { isList } from "../../base/json.ts";
import type { ChatMessage, ContentPart, ToolCall, ToolDefinition } from "../../core/chat.ts";

/** Members of a message for which this format has no place. */
const NO_PLACE = ["reasoning", "opaque", "extra", "is_error"] as const;
const CACHE_CONTROL = "cache_control";

/** The list as it can be sent; the very same one where nothing is left out. Adds the paths of what is. */
export function sendableMessages(
  messages: readonly ChatMessage[],
  keepsCacheControl: boolean,
  dropped: string[],
): readonly ChatMessage[] {
  if (!messages.some((message) => hasUnsendable(message, keepsCacheControl))) return messages;
  const left = new Set<string>();
  const sendable = messages.map((message) => sendableMessage(message, keepsCacheControl, left));
  dropped.push(...left);
  return sendable;
}

/** Nearly always there is nothing: no list is made to find that out. */
function hasUnsendable(
  { reasoning, opaque, extra, is_error: isError, tool_calls: calls, content }: ChatMessage,
  keepsCacheControl: boolean,
): boolean {
  if (reasoning !== undefined || opaque !== undefined || extra !== undefined || isError !== undefined)
    return true;
  if (calls !== undefined && calls.some((call) => call.opaque !== undefined)) return true;
  return !keepsCacheControl && isList(content) && content.some(isMarked);
}

function sendableMessage(message: ChatMessage, keepsCacheControl: boolean, left: Set<string>): ChatMessage {
  const { content, tool_calls: calls } = message;
  let sendable = message;
  for (const member of NO_PLACE) {
    if (message[member] === undefined) continue;
    left.add(`messages[].${member}`);
    sendable = without(sendable, member);
  }
  if (calls?.some((call) => call.opaque !== undefined) === true) {
    left.add("messages[].tool_calls[].opaque");
    sendable = { ...sendable, tool_calls: calls.map((call: ToolCall) => without(call, "opaque")) };
  }
  if (!keepsCacheControl && isList(content) && content.some(isMarked)) {
    left.add("messages[].content[].cache_control");
    sendable = { ...sendable, content: content.map((part: ContentPart) => without(part, CACHE_CONTROL)) };
  }
  return sendable;
}

/** The tools as they can be sent. */
export function sendableTools(
  tools: readonly ToolDefinition[],
  keepsCacheControl: boolean,
  dropped: string[],
): readonly ToolDefinition[] {
  if (keepsCacheControl || !tools.some(isMarked)) return tools;
  dropped.push("tools[].cache_control");
  return tools.map((tool) => without(tool, CACHE_CONTROL));
}

function isMarked(item: { readonly cache_control?: unknown }): boolean {
  return item.cache_control !== undefined;
}

/** A copy that JSON does not show the member of. */
function without<Item extends object>(item: Item, member: string): Item {
  return { ...item, [member]: undefined };
}
