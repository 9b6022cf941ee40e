import { isList, isObject } from "../../base/json.ts";
import type { ChatAnswer, ChatEvent } from "../../core/chat.ts";
import { foldAnswer } from "../fold-answer.ts";
import { shapeFault } from "../http/fault-words.ts";
import { Readable } from "../readable.ts";
import { Blocks } from "./blocks.ts";
import { faultOfError } from "./fault.ts";
import { readStop, type Stop } from "./finish.ts";
import { readUsage, usageProblem } from "./usage.ts";

const UPSTREAM_ID_CHARS_MAX = 200;

/** The upstream's own id of an answer, kept within bounds; no event where there is none. */
export function idEvents(id: unknown): readonly ChatEvent[] {
  if (typeof id !== "string" || id === "") return [];
  return [{ type: "upstream_id", id: id.slice(0, UPSTREAM_ID_CHARS_MAX) }];
}

/** How an answer ended, as events. */
export function stopEvents({ reason, detail, refusal, unknown }: Stop): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  if (unknown !== undefined) events.push({ type: "skipped", reason: unknown });
  if (refusal !== undefined) events.push({ type: "refusal", index: 0, text: refusal });
  events.push({ type: "finish", index: 0, reason, ...(detail && { detail }) });
  return events;
}

/** What was reported, as an event: the usage, or why it is not believed. */
export function usageEvents(wire: unknown): readonly ChatEvent[] {
  const usage = readUsage(wire);
  if (usage !== undefined) return [{ type: "usage", usage }];
  const problem = usageProblem(wire);
  return problem === undefined ? [] : [{ type: "skipped", reason: problem }];
}

/** Decodes a whole answer. Throws FaultError: `shape`, or the class of the error object it is. */
export function decodeAnswer(body: unknown): ChatAnswer {
  if (!isObject(body)) throw shapeFault("the answer is not a JSON object");
  if (body["type"] === "error" || isObject(body["error"])) throw faultOfError(body["error"]);
  const content = body["content"];
  if (!isList(content)) throw shapeFault("the answer has no content");
  const blocks = new Blocks();
  const said = content.flatMap((block, index) => [...blocks.start(index, block), ...blocks.stop(index)]);
  // A whole body has arrived whole: where it gives no reason for its end, what it holds tells it.
  const calls = said.some(({ type }) => type === "tool_call");
  const stop = readStop(body) ?? { reason: calls ? "tool_calls" : "stop" };
  const readable = new Readable();
  readable.note([...said, ...(stop.refusal === undefined ? [] : stopEvents(stop))]);
  readable.demand();
  return foldAnswer([...idEvents(body["id"]), ...said, ...stopEvents(stop), ...usageEvents(body["usage"])]);
}
