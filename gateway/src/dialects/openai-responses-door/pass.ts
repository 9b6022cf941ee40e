import { isObject, type JsonObject } from "../../base/json.ts";
import { editMembers, membersOf } from "../../base/json-members.ts";
import type { ChatAnswer, RawAnswer } from "../../core/chat.ts";
import type { AnswerHead } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { writeUsage } from "../openai-responses/usage.ts";
import { responseId } from "./response.ts";

/** The upstream's own text of a whole answer, with our id, the slug and the usage it was settled by. */
export function passAnswer(
  { text, body }: RawAnswer,
  answer: ChatAnswer,
  usage: Usage,
  head: AnswerHead,
): string | undefined {
  if (body["object"] !== "response" || answer.skipped !== undefined) return undefined;
  return editResponse(text, body, head, usage);
}

/** The text of an event as the caller gets it; `usage` once it is settled. */
export function editEvent(data: string, event: JsonObject, head: AnswerHead, usage?: Usage): string {
  const response = event["response"];
  if (!isObject(response)) return data;
  const member = membersOf(data).findLast(({ key }) => key === "response");
  if (member === undefined) return data;
  const text = data.slice(member.valueStart, member.end);
  return (
    data.slice(0, member.valueStart) + editResponse(text, response, head, usage) + data.slice(member.end)
  );
}

function editResponse(
  text: string,
  response: JsonObject,
  head: AnswerHead,
  usage: Usage | undefined,
): string {
  const edits = new Map([
    ["id", JSON.stringify(responseId(head))],
    ["model", JSON.stringify(head.model)],
  ]);
  if (usage !== undefined && !saysUsage(response["usage"], usage)) {
    edits.set("usage", JSON.stringify(writeUsage(usage)));
  }
  // The caller's own, which the upstream was not told.
  const metadata = head.asked?.["metadata"];
  if (isObject(metadata)) edits.set("metadata", JSON.stringify(metadata));
  return editMembers(text, edits);
}

/** Whether an upstream's `usage` says what was settled. */
function saysUsage(said: unknown, settled: Usage): boolean {
  if (!isObject(said)) return false;
  const wire = writeUsage(settled);
  return (
    said["input_tokens"] === wire.input_tokens &&
    said["output_tokens"] === wire.output_tokens &&
    said["total_tokens"] === wire.total_tokens &&
    detail(said["input_tokens_details"], "cached_tokens") === wire.input_tokens_details.cached_tokens &&
    detail(said["output_tokens_details"], "reasoning_tokens") === wire.output_tokens_details.reasoning_tokens
  );
}

function detail(details: unknown, name: string): unknown {
  return isObject(details) ? (details[name] ?? 0) : 0;
}
