import { isObject } from "../../base/json.ts";
import { piecesOf } from "../../core/answer-events.ts";
import type { CacheControl, ChatMessage, ContentPart, Opaque, ToolCall } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { argumentsOf } from "../call-arguments.ts";
import { nonEmpty } from "../text.ts";
import { type Block, readPart } from "./media.ts";

/** One turn. Format: Amazon Bedrock API reference, "Message". */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}

/** A conversation in this format. */
export interface Conversation {
  readonly messages: readonly Turn[];
  readonly system: readonly Block[];
}

/** `takesThinking`: whether the model reads what it signed before. */
export function conversationOf(messages: readonly ChatMessage[], takesThinking: boolean): Conversation {
  const turns: Turn[] = [];
  const system: Block[] = [];
  const number = counter();
  const say = (role: Turn["role"], blocks: readonly Block[]): void => {
    const last = turns.at(-1);
    // Turns alternate, and the results of parallel calls must stand in one.
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: [...blocks] });
  };
  for (const message of messages) {
    switch (message.role) {
      case "system":
      case "developer":
        system.push(...blocksOf(message.content, number));
        break;
      case "user":
        say("user", blocksOf(message.content, number));
        break;
      case "assistant":
        say("assistant", answerBlocks(message, takesThinking));
        break;
      case "tool":
        say("user", [resultBlock(message, number)]);
    }
  }
  // A prompt of nothing but instructions is asked, for without a turn there is nothing to answer.
  if (turns.length === 0) return { messages: [{ role: "user", content: system }], system: [] };
  return { messages: turns, system };
}

/** Parts that this format has no place for. */
export function partIssues(messages: readonly ChatMessage[]): readonly Issue[] {
  return messages.flatMap(({ content }, i) =>
    typeof content !== "object"
      ? []
      : (content ?? []).flatMap((part, j) => {
          const { problem } = readPart(part, 1);
          return problem === undefined ? [] : [{ field: `messages[${i}].content[${j}]`, message: problem }];
        }),
  );
}

function counter(): () => number {
  let count = 0;
  return () => ++count;
}

/** Where a prompt is to be cached up to. */
export function cachePoint({ ttl }: CacheControl): Block {
  return { cachePoint: { type: "default", ...(ttl !== undefined && { ttl }) } };
}

/** Blocks of a content; text that is empty is left out, for it is refused. */
function blocksOf(content: ChatMessage["content"], number: () => number): readonly Block[] {
  if (typeof content === "string") return content.trim() === "" ? [] : [{ text: content }];
  return (content ?? []).flatMap((part) => [...blockOf(part, number), ...marks(part)]);
}

function blockOf(part: ContentPart, number: () => number): readonly Block[] {
  if (part.type === "text") return part.text.trim() === "" ? [] : [{ text: part.text }];
  const { block } = readPart(part, part.type === "file" ? number() : 0);
  return block === undefined ? [] : [block];
}

function marks({ cache_control: mark }: ContentPart): readonly Block[] {
  return mark == null ? [] : [cachePoint(mark)];
}

/** An earlier answer, what was signed in its place. */
function answerBlocks(message: ChatMessage, takesThinking: boolean): readonly Block[] {
  const { content, tool_calls, opaque = [] } = message;
  const parts = typeof content === "object" ? (content ?? []) : [];
  const text =
    typeof content === "string"
      ? content
      : parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  const kept = takesThinking ? opaque.filter((one) => thinkingBlock(one) !== undefined) : [];
  const said = piecesOf({
    role: "assistant",
    content: text,
    opaque: kept,
    ...(tool_calls !== undefined && { tool_calls }),
  });
  const blocks = said.flatMap((piece): readonly Block[] => {
    if (piece.type === "text") return piece.text.trim() === "" ? [] : [{ text: piece.text }];
    if (piece.type === "opaque") return [thinkingBlock(piece.opaque) ?? {}];
    return [callBlock(tool_calls?.[piece.call])];
  });
  const mark = parts.findLast(({ cache_control }) => cache_control != null);
  return [...blocks, ...(mark === undefined ? [] : marks(mark))];
}

/** Whether it is thinking that Anthropic's models have signed, wherever they ran. */
export function isThinking(one: Opaque): boolean {
  return thinkingBlock(one) !== undefined;
}

function thinkingBlock({ family, data }: Opaque): Block | undefined {
  if (family !== "anthropic") return undefined;
  const { type, thinking, signature } = data;
  if (type === "thinking" && typeof thinking === "string" && typeof signature === "string") {
    return { reasoningContent: { reasoningText: { text: thinking, signature } } };
  }
  const redacted = type === "redacted_thinking" ? nonEmpty(data["data"]) : undefined;
  return redacted === undefined ? undefined : { reasoningContent: { redactedContent: redacted } };
}

function callBlock(call: ToolCall | undefined): Block {
  if (call === undefined) throw new Error("a piece names a call that its message does not have");
  const { name, arguments: text } = call.function;
  return { toolUse: { toolUseId: call.id, name, input: argumentsOf(text) } };
}

function resultBlock(message: ChatMessage, number: () => number): Block {
  const { content, tool_call_id: toolUseId, is_error } = message;
  const said = blocksOf(content, number).filter((block) => block["cachePoint"] === undefined);
  return {
    toolResult: {
      toolUseId,
      content: said.map(withJson),
      ...(is_error === true && { status: "error" }),
    },
  };
}

/** A result that is an object goes as one: some models read nothing else. */
function withJson(block: Block): Block {
  const text = block["text"];
  if (typeof text !== "string" || !text.trimStart().startsWith("{")) return block;
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? { json } : block;
  } catch {
    return block;
  }
}
