import { isList, isObject } from "../../base/json.ts";
import type { ChatAnswer } from "../../core/chat.ts";
import { foldAnswer } from "../fold-answer.ts";
import { shapeFault } from "../http/fault-words.ts";
import { errorIn, faultOfErrorObject } from "./fault.ts";
import { GeminiStreamDecoder } from "./stream.ts";

/** Decodes a whole answer, which looks like the only chunk of a stream. Throws FaultError. */
export function decodeAnswer(body: unknown): ChatAnswer {
  const error = errorIn(body);
  if (error !== undefined) throw faultOfErrorObject(error);
  if (!isObject(body)) throw shapeFault("the answer is not a JSON object");
  const events = new GeminiStreamDecoder().read(body);
  if (!isList(body["candidates"]) || body["candidates"].length === 0) {
    throw shapeFault("the answer has no candidates");
  }
  const answer = foldAnswer(events);
  if (answer.choices.length === 0) throw shapeFault("the answer's candidates say nothing");
  return answer;
}
