import { isObject, type JsonObject } from "../../base/json.ts";
import { piecesOf } from "../../core/answer-events.ts";
import type { ChatMessage, ToolCall } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { lostDetail } from "../lost.ts";
import { blocksOf, partIssues } from "./parts.ts";
import { type Block, FAMILY, isBlock } from "./wire.ts";

/** A turn of the conversation. */
interface Turn {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}

/** A conversation as this format has it: instructions apart, turns that alternate. */
export interface Conversation {
  /** Undefined where there are none. */
  readonly system: string | readonly Block[] | undefined;
  readonly messages: readonly Turn[];
  /** Paths of what there is no place for. */
  readonly dropped: readonly string[];
}

/**
 * Turns messages into a conversation. Instructions from anywhere go in front; answers to the tool calls of one turn
 * belong into one turn, whatever the order they and the user's words came in.
 */
export function conversationOf(messages: readonly ChatMessage[]): Conversation {
  const turns: Turn[] = [];
  const system: ChatMessage[] = [];
  const dropped = new Set<string>();
  for (const message of messages) {
    if (message.role === "system" || message.role === "developer") system.push(message);
    else if (message.role === "assistant") add(turns, "assistant", assistantBlocks(message, dropped));
    else add(turns, "user", message.role === "tool" ? [resultOf(message)] : blocksOf(message.content));
    if (message.name !== undefined) dropped.add("messages[].name");
    if (message.extra !== undefined) dropped.add("messages[].extra");
    if (typeof message.content === "object") {
      for (const part of message.content ?? []) lostDetail(part, dropped);
    }
  }
  return { system: instructionsOf(system), messages: turns, dropped: [...dropped] };
}

function add(turns: Turn[], role: Turn["role"], blocks: readonly Block[]): void {
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...blocks);
  else turns.push({ role, content: [...blocks] });
}

/** One string where nothing needs more than that. */
function instructionsOf(messages: readonly ChatMessage[]): Conversation["system"] {
  const blocks = messages.flatMap(({ content }) => blocksOf(content));
  if (blocks.length === 0) return undefined;
  const [only] = blocks;
  const isPlain = blocks.length === 1 && only?.["cache_control"] === undefined;
  return isPlain && typeof only?.["text"] === "string" ? only["text"] : blocks;
}

function resultOf({ tool_call_id, content, is_error }: ChatMessage): Block {
  const blocks = blocksOf(content);
  const [first, ...more] = blocks;
  const isText = more.length === 0 && first?.type === "text";
  return {
    type: "tool_result",
    tool_use_id: tool_call_id,
    content: isText && first["cache_control"] === undefined ? first["text"] : blocks,
    ...(is_error === true && { is_error }),
  };
}

/** What the model said, its own opaque blocks where they stood. */
function assistantBlocks(message: ChatMessage, dropped: Set<string>): readonly Block[] {
  const { content, tool_calls = [], opaque = [] } = message;
  const own = opaque.filter(({ family }) => family === FAMILY);
  if (own.length < opaque.length) dropped.add("messages[].opaque");
  const isSigned = own.some(
    ({ data }) => data["type"] === "thinking" || data["type"] === "redacted_thinking",
  );
  if (message.reasoning !== undefined && !isSigned) dropped.add("messages[].reasoning");
  if (message["refusal"] != null) dropped.add("messages[].refusal");
  const isParts = typeof content === "object" && content !== null;
  const text = isParts ? textOf(blocksOf(content)) : (content ?? null);
  const marks = isParts ? content.at(-1)?.cache_control : undefined;
  const blocks = piecesOf({ role: "assistant", content: text, tool_calls, opaque: own }).flatMap((piece) => {
    if (piece.type === "text") return [{ type: "text", text: piece.text }];
    if (piece.type === "opaque") return isBlock(piece.opaque.data) ? [piece.opaque.data] : [];
    const call = tool_calls[piece.call];
    return call === undefined ? [] : [callOf(call, dropped)];
  });
  return marks == null ? blocks : withMark(blocks, marks);
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map((block) => (typeof block["text"] === "string" ? block["text"] : "")).join("");
}

/** The mark of a text's last part stands on its last block. */
function withMark(blocks: readonly Block[], cache_control: object): readonly Block[] {
  const at = blocks.findLastIndex(({ type }) => type === "text");
  return blocks.map((block, i) => (i === at ? { ...block, cache_control } : block));
}

function callOf({ id, function: fn, opaque = [] }: ToolCall, dropped: Set<string>): Block {
  const own = opaque.filter(({ family }) => family === FAMILY);
  if (own.length < opaque.length) dropped.add("messages[].tool_calls[].opaque");
  const rest: JsonObject = Object.assign({}, ...own.map(({ data }) => data));
  return { ...rest, type: "tool_use", id, name: fn.name, input: argumentsOf(fn.arguments) ?? {} };
}

/** Arguments as an object; undefined where they are none. */
function argumentsOf(text: string): JsonObject | undefined {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What of these messages this format cannot say. */
export function messageIssues(messages: readonly ChatMessage[]): readonly Issue[] {
  return messages.flatMap(({ content, tool_calls: calls = [], function_call }, i) => {
    const at = `messages[${i}]`;
    const broken = calls.flatMap(({ function: fn }, j) =>
      argumentsOf(fn.arguments) === undefined
        ? [
            {
              field: `${at}.tool_calls[${j}].function.arguments`,
              message: "must be the JSON text of an object",
            },
          ]
        : [],
    );
    const older = [{ field: `${at}.function_call`, message: "is no longer understood: use tool_calls" }];
    return [...partIssues(content, at), ...broken, ...(function_call == null ? [] : older)];
  });
}
