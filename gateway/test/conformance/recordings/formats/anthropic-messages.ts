import { isList, isObject, type JsonObject } from "../../../../src/base/json.ts";
import { anthropicMessages } from "../../../../src/dialects/anthropic-messages/anthropic-messages.ts";
import type { Oracle } from "../oracle.ts";
import type { RecordedFormat } from "../recording.ts";

/** What the recordings hold: blocks, whole or in pieces, and Anthropic's usage. */
interface RecordedBlock {
  type: string;
  text?: string;
  thinking?: string;
  citations?: unknown[];
  id?: string;
  name?: string;
  input?: unknown;
  caller?: { type: string };
  /** Pieces of `input`. */
  json?: string;
}

interface RecordedUsage {
  input_tokens?: number;
  output_tokens?: number;
  cache_read_input_tokens?: number;
  cache_creation_input_tokens?: number;
  output_tokens_details?: { thinking_tokens: number };
}

interface RecordedMessage {
  content: RecordedBlock[];
  stop_reason: string | null;
  stop_details?: { explanation?: string } | null;
  usage: RecordedUsage;
}

const FINISH: Readonly<Record<string, string>> = {
  end_turn: "stop",
  tool_use: "tool_calls",
  refusal: "content_filter",
};

/** The message that the events of a stream make. */
function messageOf(events: readonly JsonObject[]): RecordedMessage {
  const [first, ...rest] = events.filter(({ type }, i) => type !== "message_start" || i === 0);
  const message = structuredClone(first?.["message"]) as RecordedMessage;
  for (const event of rest) {
    const { type, index, content_block, delta, usage } = event as {
      type: string;
      index: number;
      content_block: RecordedBlock;
      delta: Partial<RecordedMessage> & Record<string, string>;
      usage: RecordedUsage;
    };
    const block = message.content[index];
    if (type === "content_block_start") message.content[index] = structuredClone(content_block);
    else if (type === "message_delta")
      Object.assign(message, delta, { usage: { ...message.usage, ...usage } });
    else if (type === "content_block_delta" && block !== undefined) grow(block, delta);
  }
  for (const block of message.content) {
    if (block.type === "tool_use" || block.json === undefined) continue;
    if (block.json !== "") block.input = JSON.parse(block.json);
    delete block.json;
  }
  return message;
}

function grow(block: RecordedBlock, delta: Record<string, unknown>): void {
  if (delta["type"] === "citations_delta") (block.citations ??= []).push(delta["citation"]);
  else if (delta["type"] === "input_json_delta")
    block.json = (block.json ?? "") + String(delta["partial_json"]);
  else if (delta["type"] === "text_delta") block.text = (block.text ?? "") + String(delta["text"]);
  else if (delta["type"] === "thinking_delta")
    block.thinking = (block.thinking ?? "") + String(delta["thinking"]);
  else Object.assign(block, { signature: delta["signature"] });
}

function read(json: readonly JsonObject[]): Oracle {
  const isWhole = json[0]?.["type"] === "message";
  const message = isWhole ? (structuredClone(json[0]) as unknown as RecordedMessage) : messageOf(json);
  const opaque: object[] = [];
  const calls: { id: string; name: string; arguments: string; opaque?: object[] }[] = [];
  let text = "";
  for (const block of message.content) {
    if (block.type === "text") text += block.text ?? "";
    else if (block.type === "tool_use") calls.push(callOf(block));
    else opaque.push(placed(block, text.length, calls.length));
  }
  const citations = message.content.flatMap((block) => block.citations ?? []);
  const { usage, stop_reason } = message;
  const cached = usage.cache_read_input_tokens ?? 0;
  const prompt = (usage.input_tokens ?? 0) + cached + (usage.cache_creation_input_tokens ?? 0);
  return {
    text,
    reasoning: message.content.map(({ thinking = "" }) => thinking).join(""),
    refusal: message.stop_details?.explanation ?? "",
    calls,
    ...(opaque.length > 0 && { opaque }),
    ...(citations.length > 0 && { extra: { citations } }),
    finish: FINISH[stop_reason ?? ""] ?? null,
    // Rounds of a tool that code of the provider called report nothing: they are counted with the last one.
    prompt: prompt === 0 ? undefined : prompt,
    answer: usage.output_tokens,
    cached,
    reasoned: usage.output_tokens_details?.thinking_tokens ?? 0,
  };
}

function callOf({ id = "", name = "", input, json, caller }: RecordedBlock) {
  const call = { id, name, arguments: json || JSON.stringify(input) };
  return caller === undefined || caller.type === "direct"
    ? call
    : { ...call, opaque: [{ family: "anthropic", data: { caller } }] };
}

function placed(data: RecordedBlock, text: number, calls: number): object {
  return { family: "anthropic", data, ...(text + calls > 0 && { at: { text, calls } }) };
}

/** Anthropic's messages. */
export const anthropicRecordings: RecordedFormat = {
  dialect: anthropicMessages,
  recognises({ type, content, message }) {
    return (type === "message" && isList(content)) || (type === "message_start" && isObject(message));
  },
  eventName: ({ type }) => String(type),
  begins: ({ type }, before) => type === "message_start" && before?.["type"] === "message_stop",
  // Two answers spliced: nobody can say what was meant.
  isBroken: (events) => new Set(events.map(({ message }) => isObject(message) && message["id"])).size > 2,
  read,
};
