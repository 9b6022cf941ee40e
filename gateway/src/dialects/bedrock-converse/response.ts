import { isList, isObject } from "../../base/json.ts";
import type { ChatAnswer, ChatEvent } from "../../core/chat.ts";
import { foldAnswer } from "../fold-answer.ts";
import { shapeFault } from "../http/fault-words.ts";
import { Readable } from "../readable.ts";
import { Blocks } from "./blocks.ts";
import { faultIn } from "./fault.ts";
import { endingOf } from "./finish.ts";
import { endEvents, usageEvents } from "./stream.ts";

/** Decodes a whole answer. Throws FaultError: `shape`, or the class of the exception it is. */
export function decodeAnswer(body: unknown): ChatAnswer {
  if (!isObject(body)) throw shapeFault("the answer is not a JSON object");
  const fault = faultIn(body);
  if (fault !== undefined) throw fault;
  const output = body["output"];
  const message = isObject(output) ? output["message"] : undefined;
  if (!isObject(message)) throw shapeFault("the answer has no message");
  const blocks = new Blocks();
  const content = message["content"] ?? [];
  if (!isList(content)) throw shapeFault("the content of the answer is not a list");
  const ending = endingOf(body["stopReason"], body["additionalModelResponseFields"]);
  const begin: ChatEvent = { type: "text", index: 0, text: "" };
  const readable = new Readable();
  const said = content.flatMap((block, number) => readable.note(blocks.whole(number, block)));
  readable.demand();
  return foldAnswer([
    begin,
    ...said,
    ...(ending === undefined ? [] : endEvents(ending, blocks.isEmpty)),
    ...usageEvents(body["usage"]),
  ]);
}
