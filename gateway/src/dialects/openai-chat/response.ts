import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { AnswerMessage, ChatAnswer, FinishReason, ToolCall } from "../../core/chat.ts";
import { readUsage, usageProblem } from "../chat-completions/usage.ts";
import { shapeFault } from "../http/fault-words.ts";
import { UNREADABLE } from "../readable.ts";
import { nonEmpty } from "../text.ts";
import { readContent } from "./content.ts";
import { citedIn } from "./extra.ts";
import { faultOfErrorObject } from "./fault.ts";
import { mapFinishReason, unknownFinishNote } from "./finish.ts";
import { readToolCall } from "./tool-calls.ts";

const UPSTREAM_ID_CHARS_MAX = 200;

/** While it is put together: members are set one by one, since each copy of a part costs as much as the whole. */
type Mutable<T> = { -readonly [Member in keyof T]: T[Member] };

/** An upstream's own id of an answer, kept within bounds. */
export function upstreamIdOf(value: unknown): string | undefined {
  return nonEmpty(value)?.slice(0, UPSTREAM_ID_CHARS_MAX);
}

/** The usage of an answer or chunk: where OpenAI puts it, in Groq's `x_groq`, or in Moonshot's choice. */
export function usageIn(body: JsonObject): ReturnType<typeof readUsage> {
  const usage = readUsage(body["usage"]);
  if (usage !== undefined) return usage;
  const groq = body["x_groq"];
  if (isObject(groq) && groq["usage"] != null) return readUsage(groq["usage"]);
  const choices = body["choices"];
  const first = isList(choices) ? choices[0] : undefined;
  return isObject(first) && first["usage"] != null ? readUsage(first["usage"]) : undefined;
}

/** The error an answer or chunk holds instead of content, or beside it; undefined when it holds none. */
export function errorIn(body: JsonObject): unknown {
  const error = body["error"];
  if (isObject(error) || (typeof error === "string" && error !== "")) return error;
  if (body["object"] === "error" || body["type"] === "error") return body;
  return undefined;
}

/** Decodes a whole answer. Throws FaultError: `shape`, or the class of the error object it is. */
export function decodeAnswer(body: unknown): ChatAnswer {
  if (!isObject(body)) throw shapeFault("the answer is not a JSON object");
  const error = errorIn(body);
  if (error !== undefined) throw faultOfErrorObject(error);
  const choices = body["choices"];
  if (!isList(choices) || choices.length === 0) throw shapeFault("the answer has no choices");
  const skipped: string[] = [];
  const decoded: ChatAnswer["choices"][number][] = [];
  for (const choice of choices) decoded.push(decodeChoice(choice, decoded.length, body, skipped));
  const usage = usageIn(body);
  const problem = usage === undefined ? usageProblem(body["usage"]) : undefined;
  if (problem !== undefined) skipped.push(problem);
  const upstreamId = upstreamIdOf(body["id"]);
  const answer: Mutable<ChatAnswer> = { choices: decoded };
  if (upstreamId !== undefined) answer.upstreamId = upstreamId;
  if (usage !== undefined) answer.usage = usage;
  if (skipped.length > 0) answer.skipped = skipped;
  return answer;
}

function decodeChoice(
  choice: unknown,
  place: number,
  body: JsonObject,
  skipped: string[],
): ChatAnswer["choices"][number] {
  if (!isObject(choice)) throw shapeFault(`choices[${place}] is not an object`);
  const choiceError = errorIn(choice);
  if (choiceError !== undefined) throw faultOfErrorObject(choiceError);
  const message = choice["message"];
  if (!isObject(message)) throw shapeFault(`choices[${place}] has no message`);
  const index = choiceIndex(choice["index"]) ?? place;
  const decoded = decodeMessage(message, index, skipped);
  const logprobs = choice["logprobs"];
  const extra = citedIn(message, place === 0 ? body : undefined);
  const read: Mutable<ChatAnswer["choices"][number]> = {
    index,
    message: extra === undefined ? decoded : { ...decoded, extra },
    finish_reason: finishOf(choice["finish_reason"], decoded, skipped),
  };
  if (logprobs !== undefined && logprobs !== null) read.logprobs = logprobs;
  return read;
}

/** The number of a choice, when it is a believable one. */
export function choiceIndex(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 128
    ? value
    : undefined;
}

function decodeMessage(message: JsonObject, index: number, skipped: string[]): AnswerMessage {
  const said = readContent(message);
  for (const note of said.skipped) skipped.push(note);
  let text = "";
  let reasoning = "";
  for (const piece of said.pieces) {
    if (piece.type === "text") text += piece.text;
    else reasoning += piece.text;
  }
  const refusal = nonEmpty(message["refusal"]);
  const calls = decodeToolCalls(message, index, skipped);
  const saysElse = calls.length > 0 || refusal !== undefined;
  if (said.skipped.length > 0 && said.pieces.length === 0 && !saysElse) throw shapeFault(UNREADABLE);
  const read: Mutable<AnswerMessage> = { role: "assistant", content: text === "" && saysElse ? null : text };
  if (reasoning !== "") read.reasoning = reasoning;
  if (refusal !== undefined) read.refusal = refusal;
  if (calls.length > 0) read.tool_calls = calls;
  return read;
}

function decodeToolCalls(message: JsonObject, index: number, skipped: string[]): readonly ToolCall[] {
  const raw = message["tool_calls"];
  const legacy = message["function_call"];
  const list = isList(raw) ? raw : isObject(legacy) ? [{ function: legacy }] : [];
  const calls: ToolCall[] = [];
  for (const one of list) {
    const call = readToolCall(one, index, calls.length);
    if (call === undefined) skipped.push("tool call without a function");
    else calls.push(call);
  }
  return calls;
}

/** A whole body has arrived whole: where it gives no reason for its end, what it holds tells it. */
function finishOf(value: unknown, message: AnswerMessage, skipped: string[]): FinishReason {
  const mapped = mapFinishReason(value);
  if (mapped === undefined) return message.tool_calls === undefined ? "stop" : "tool_calls";
  if (!mapped.known) skipped.push(unknownFinishNote(value));
  return mapped.reason;
}
