import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatAnswer, ChatEvent } from "../../core/chat.ts";
import { foldAnswer } from "../fold-answer.ts";
import { shapeFault } from "../http/fault-words.ts";
import { Readable } from "../readable.ts";
import { nonEmpty } from "../text.ts";
import { finishEvents } from "./finish.ts";
import { MessageReader } from "./message-reader.ts";
import { readUsage, usageProblem } from "./usage.ts";

const UPSTREAM_ID_CHARS_MAX = 200;

/** An upstream's own id of an answer, kept within bounds. */
export function upstreamIdEvents({ id }: JsonObject): readonly ChatEvent[] {
  const known = nonEmpty(id)?.slice(0, UPSTREAM_ID_CHARS_MAX);
  return known === undefined ? [] : [{ type: "upstream_id", id: known }];
}

/** What a usage report tells. */
export function usageEvents(wire: unknown): readonly ChatEvent[] {
  const usage = readUsage(wire);
  if (usage !== undefined) return [{ type: "usage", usage }];
  const problem = usageProblem(wire);
  return problem === undefined ? [] : [{ type: "skipped", reason: problem }];
}

/** Decodes a whole answer. Throws FaultError: `shape`, or what made it fail. */
export function decodeAnswer(body: unknown): ChatAnswer {
  if (!isObject(body)) throw shapeFault("the answer is not a JSON object");
  const { message, finish_reason: reason, usage, error } = body;
  const finish = finishEvents(reason, error ?? message);
  if (!isObject(message)) throw shapeFault("the answer has no message");
  const reader = new MessageReader();
  const events: ChatEvent[] = [...upstreamIdEvents(body), ...reader.plan(message["tool_plan"])];
  const content = message["content"] ?? [];
  if (isList(content)) for (const part of content) events.push(...partEvents(part, reader));
  else events.push(...reader.text(content));
  for (const call of isList(message["tool_calls"]) ? message["tool_calls"] : []) {
    events.push(...reader.beginCall(call), ...reader.endCall());
  }
  const readable = new Readable();
  readable.note(events);
  readable.demand();
  events.push(...reader.seal(), ...reader.citations(message["citations"] ?? []));
  return foldAnswer([...events, ...usageEvents(usage), ...finish]);
}

function partEvents(part: unknown, reader: MessageReader): readonly ChatEvent[] {
  if (!isObject(part)) return [{ type: "skipped", reason: "content part is not an object" }];
  if (part["type"] === "text") return reader.text(part["text"]);
  if (part["type"] === "thinking") return reader.thinking(part["thinking"]);
  return [{ type: "skipped", reason: `content part of type ${JSON.stringify(part["type"])?.slice(0, 60)}` }];
}
