import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatAnswer, ChatEvent, FinishReason } from "../../core/chat.ts";
import { foldAnswer } from "../fold-answer.ts";
import { shapeFault } from "../http/fault-words.ts";
import { Readable } from "../readable.ts";
import { nonEmpty } from "../text.ts";
import { faultOfErrorObject } from "../openai-chat/fault.ts";
import { OutputReader } from "./output-reader.ts";
import { readUsage, usageProblem } from "./usage.ts";

const UPSTREAM_ID_CHARS_MAX = 200;
/** Items of one answer; one that has more is broken. */
export const ITEMS_MAX = 2_000;

/** An upstream's own id of an answer, kept within bounds. */
export function upstreamIdOf(response: JsonObject): string | undefined {
  return nonEmpty(response["id"])?.slice(0, UPSTREAM_ID_CHARS_MAX);
}

/** Why an answer with this status ended; `known: false` for a status or reason nobody knows. */
export function finishOf(
  { status, incomplete_details: details }: JsonObject,
  calls: number,
): { readonly reason: FinishReason; readonly known: boolean } {
  if (status === "incomplete") {
    const reason = isObject(details) ? details["reason"] : undefined;
    if (reason === "max_output_tokens") return { reason: "length", known: true };
    if (reason === "content_filter") return { reason: "content_filter", known: true };
    return { reason: "error", known: false };
  }
  const isWhole = status === "completed" || status === undefined || status === null;
  if (!isWhole) return { reason: "error", known: status === "cancelled" };
  return { reason: calls > 0 ? "tool_calls" : "stop", known: true };
}

/**
 * What the end of an answer tells: what was not told before, its usage and its finish reason. Throws FaultError where
 * nothing of the answer could be read.
 */
export function endOf(response: JsonObject, reader: OutputReader, readable: Readable): ChatEvent[] {
  const events: ChatEvent[] = [];
  const output = isList(response["output"]) ? response["output"] : [];
  for (const [index, item] of output.slice(0, ITEMS_MAX).entries()) {
    if (isObject(item)) events.push(...reader.endListed(index, item));
    else events.push({ type: "skipped", reason: "output item is not an object" });
  }
  readable.note(events);
  readable.demand();
  const usage = readUsage(response["usage"], reader.searches);
  const problem = usage === undefined ? usageProblem(response["usage"]) : undefined;
  if (usage !== undefined) events.push({ type: "usage", usage });
  if (problem !== undefined) events.push({ type: "skipped", reason: problem });
  const { reason, known } = finishOf(response, reader.calls);
  if (!known) events.push({ type: "skipped", reason: `${statusNote(response)} taken as "error"` });
  events.push({ type: "finish", index: 0, reason });
  return events;
}

function statusNote({ status, incomplete_details: details }: JsonObject): string {
  return `status ${JSON.stringify(status)?.slice(0, 40)} with ${JSON.stringify(details ?? null).slice(0, 60)}`;
}

/** Decodes a whole answer. Throws FaultError: `shape`, or the class of the error object it is. */
export function decodeAnswer(body: unknown): ChatAnswer {
  if (!isObject(body)) throw shapeFault("the answer is not a JSON object");
  const error = body["error"];
  if (isObject(error) || (typeof error === "string" && error !== "")) throw faultOfErrorObject(error);
  if (body["status"] === "failed")
    throw faultOfErrorObject({ message: "the answer failed without an error" });
  if (!isList(body["output"])) throw shapeFault("the answer has no output");
  const upstreamId = upstreamIdOf(body);
  const answer = foldAnswer(endOf(body, new OutputReader(), new Readable()));
  return upstreamId === undefined ? answer : { ...answer, upstreamId };
}
