import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatAnswer, ChatEvent, ToolCall } from "../../core/chat.ts";
import { choiceIndex } from "../openai-chat/response.ts";

/**
 * Whether what an upstream sent is what OpenAI's clients expect: then it is handed on as it is. Servers that speak
 * this format with deviations are decoded with understanding (gaps between tool calls, ids repeated in each piece,
 * names for finish reasons of their own, parts as content); what the decoder had to understand is told in our own
 * words instead.
 */

type ToolPiece = Extract<ChatEvent, { type: "tool_call" }>;

/** A choice of a chunk that is handed on. */
export interface FaithfulChoice {
  readonly index: number;
  readonly delta: JsonObject;
}

/** The choices of a chunk that says plainly what it was decoded into; undefined for one that does not. */
export function faithfulChoices(
  chunk: JsonObject,
  events: readonly ChatEvent[],
): readonly FaithfulChoice[] | undefined {
  const choices = chunk["choices"];
  if (!isList(choices)) return undefined;
  const faithful: FaithfulChoice[] = [];
  let pieces = 0;
  for (const choice of choices) {
    if (!isObject(choice)) return undefined;
    const { delta, finish_reason } = choice;
    const index = choiceIndex(choice["index"]);
    if (index === undefined || !isObject(delta) || !isPlainText(delta["content"])) return undefined;
    const seen = faithfulPieces(delta["tool_calls"], index, events);
    if (seen === undefined || (finish_reason ?? undefined) !== finishOf(index, events)) return undefined;
    pieces += seen;
    faithful.push({ index, delta });
  }
  return countPieces(events) === pieces ? faithful : undefined;
}

function countPieces(events: readonly ChatEvent[]): number {
  let count = 0;
  for (const event of events) if (event.type === "tool_call") count++;
  return count;
}

function isPlainText(content: unknown): boolean {
  return typeof content === "string" || content === undefined || content === null;
}

function finishOf(index: number, events: readonly ChatEvent[]): string | undefined {
  for (const event of events) if (event.type === "finish" && event.index === index) return event.reason;
  return undefined;
}

/** How many pieces of tool calls a choice has; undefined where one of them was not taken as it is. */
function faithfulPieces(raw: unknown, index: number, events: readonly ChatEvent[]): number | undefined {
  if (raw === undefined || raw === null) return 0;
  if (!isList(raw)) return undefined;
  const decoded = events.filter((event) => event.type === "tool_call" && event.index === index);
  for (const [place, piece] of raw.entries()) {
    const event = decoded[place];
    if (event?.type !== "tool_call" || !isFaithfulPiece(piece, event)) return undefined;
  }
  return raw.length;
}

function isFaithfulPiece(raw: unknown, event: ToolPiece): boolean {
  if (!isObject(raw) || raw["index"] !== event.call) return false;
  const fn = raw["function"];
  if (!isObject(fn)) return false;
  // The id and the type come with the first piece of a call, and with no other.
  if ((raw["id"] ?? undefined) !== event.id) return false;
  if (event.id !== undefined && raw["type"] !== "function") return false;
  return (fn["name"] ?? undefined) === event.name && (fn["arguments"] ?? "") === event.arguments;
}

/** Whether a whole answer says plainly what it was decoded into. */
export function isFaithfulAnswer(body: JsonObject, answer: ChatAnswer): boolean {
  const choices = body["choices"];
  if (answer.skipped !== undefined || !isList(choices)) return false;
  if (choices.length !== answer.choices.length) return false;
  return answer.choices.every((decoded, place) => {
    const choice = choices[place];
    if (!isObject(choice) || choice["index"] !== decoded.index) return false;
    const message = choice["message"];
    if (!isObject(message) || message["role"] !== "assistant") return false;
    if (!isPlainText(message["content"])) return false;
    if (choice["finish_reason"] !== decoded.finish_reason) return false;
    return sameCalls(message["tool_calls"], decoded.message.tool_calls ?? []);
  });
}

function sameCalls(raw: unknown, decoded: readonly ToolCall[]): boolean {
  const calls = raw ?? [];
  if (!isList(calls) || calls.length !== decoded.length) return false;
  return decoded.every(({ id, function: { name, arguments: text } }, place) => {
    const call = calls[place];
    if (!isObject(call) || call["id"] !== id || call["type"] !== "function") return false;
    const fn = call["function"];
    return isObject(fn) && fn["name"] === name && fn["arguments"] === text;
  });
}
