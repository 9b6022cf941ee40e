import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatMessage, Opaque, ToolCall } from "../../core/chat.ts";
import { isForeignBlock, readForeign } from "../anthropic-messages/foreign.ts";
import { type Block, FAMILY, isBlock, listIn, membersBut, stringIn } from "../anthropic-messages/wire.ts";
import { contentOf, partsOf, plainest } from "./content.ts";

/** Members of a call that the middle form has a place for. */
const TOLD_OF_CALLS = ["type", "id", "name", "input", "cache_control"];

/** The messages of the middle form that one message makes. */
export function messagesOf(message: unknown): readonly ChatMessage[] {
  if (!isObject(message)) return [];
  const { role, content } = message;
  if (role === "assistant") return [assistantMessage(content)];
  if (role === "system") return [{ role: "system", content: contentOf(content) }];
  return userMessages(content);
}

/** Results of tools are messages of their own, and come first: they answer what was said last. */
function userMessages(content: unknown): readonly ChatMessage[] {
  const blocks = listIn(content).filter(isBlock);
  const results = blocks.filter(({ type }) => type === "tool_result").map(resultMessage);
  if (results.length === 0) return [{ role: "user", content: contentOf(content) }];
  const parts = blocks.flatMap(partsOf);
  return parts.length === 0 ? results : [...results, { role: "user", content: plainest(parts) }];
}

function resultMessage(block: Block): ChatMessage {
  return {
    role: "tool",
    tool_call_id: stringIn(block["tool_use_id"]),
    content: contentOf(block["content"]),
    ...(block["is_error"] === true && { is_error: true }),
  };
}

/** What is put together of one turn of the model. */
interface Turn {
  text: string;
  reasoning: string;
  readonly calls: ToolCall[];
  readonly opaque: Opaque[];
  /** Opaque data of calls, by their ids. */
  readonly ofCalls: Map<string, Opaque[]>;
}

function assistantMessage(content: unknown): ChatMessage {
  if (typeof content === "string") return { role: "assistant", content };
  const turn: Turn = { text: "", reasoning: "", calls: [], opaque: [], ofCalls: new Map() };
  for (const block of listIn(content)) if (isBlock(block)) take(block, turn);
  const { text, reasoning, opaque } = turn;
  const calls = turn.calls.map((call) => withOpaque(call, turn.ofCalls.get(call.id)));
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    ...(reasoning !== "" && { reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(opaque.length > 0 && { opaque }),
  };
}

function take(block: Block, turn: Turn): void {
  if (block.type === "text") turn.text += stringIn(block["text"]);
  else if (block.type === "tool_use") turn.calls.push(callOf(block));
  else if (!isForeignBlock(block)) takeOpaque(block, turn);
  else if (block.type === "thinking") turn.reasoning += stringIn(block["thinking"]);
  else takeForeign(block, turn);
}

function takeOpaque(data: Block, { text, calls, opaque }: Turn): void {
  const at = { text: text.length, calls: calls.length };
  opaque.push({ family: FAMILY, data, ...(at.text + at.calls > 0 && { at }) });
}

function takeForeign(block: Block, { opaque, ofCalls }: Turn): void {
  const foreign = readForeign(block);
  if (foreign === undefined) return;
  if (foreign.call === undefined) opaque.push(foreign.opaque);
  else ofCalls.set(foreign.call, [...(ofCalls.get(foreign.call) ?? []), foreign.opaque]);
}

function callOf(block: Block): ToolCall {
  const data: JsonObject = membersBut(block, TOLD_OF_CALLS);
  const name = stringIn(block["name"]);
  return {
    id: stringIn(block["id"]),
    type: "function",
    function: { name, arguments: JSON.stringify(block["input"] ?? {}) },
    ...(Object.keys(data).length > 0 && { opaque: [{ family: FAMILY, data }] }),
  };
}

function withOpaque(call: ToolCall, more: readonly Opaque[] | undefined): ToolCall {
  return more === undefined ? call : { ...call, opaque: [...(call.opaque ?? []), ...more] };
}
