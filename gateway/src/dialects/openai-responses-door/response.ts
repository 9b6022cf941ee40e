import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatAnswer, FinishReason } from "../../core/chat.ts";
import type { AnswerHead } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { writeUsage } from "../openai-responses/usage.ts";
import { ItemIds, itemsOf } from "./items.ts";

/** The id of an answer of this format: that of a chat by its own prefix. */
export function responseId({ id }: AnswerHead): string {
  return id.replace(/^chatcmpl-/, "resp_");
}

/** What an answer tells of its request, where that said nothing. */
const UNSAID: JsonObject = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: "default",
  temperature: null,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: null,
  truncation: "disabled",
  user: null,
};

/** The response as far as it has come: what its request said, and what is known of the answer. */
export function responseObject(head: AnswerHead, more: JsonObject): JsonObject {
  const asked = head.asked ?? {};
  const said = Object.keys(UNSAID).filter((name) => asked[name] !== undefined && asked[name] !== null);
  return {
    id: responseId(head),
    object: "response",
    created_at: head.created,
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    model: head.model,
    output: [],
    previous_response_id: null,
    ...UNSAID,
    ...Object.fromEntries(said.map((name) => [name, asked[name]])),
    // Nothing is, whatever was asked for.
    store: false,
    usage: null,
    ...more,
  };
}

/** How an answer with this finish reason stands. */
export function statusOf(reason: FinishReason): JsonObject {
  switch (reason) {
    case "stop":
    case "tool_calls":
      return { status: "completed", incomplete_details: null };
    case "length":
      return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
    case "content_filter":
    case "error":
      return { status: "incomplete", incomplete_details: { reason } };
  }
}

/** A whole answer; `responseSchema` describes it. */
export function encodeAnswer(answer: ChatAnswer, usage: Usage, head: AnswerHead): object {
  const output = itemsOf(answer, new ItemIds(responseId(head)));
  const status = statusOf(answer.choices[0]?.finish_reason ?? "error");
  const last = output.at(-1);
  // The item that was being written when the answer was cut.
  const isCut = status["status"] === "incomplete" && isObject(last) && last["type"] === "message";
  return responseObject(head, {
    ...status,
    output: isCut ? [...output.slice(0, -1), { ...last, status: "incomplete" }] : output,
    usage: writeUsage(usage),
  });
}
