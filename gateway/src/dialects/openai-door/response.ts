import type { AnswerMessage, ChatAnswer } from "../../core/chat.ts";
import type { AnswerHead } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { writeUsage } from "../chat-completions/usage.ts";

/** A whole answer in OpenAI's format; `completionSchema` describes it. */
export function encodeAnswer(answer: ChatAnswer, usage: Usage, head: AnswerHead): object {
  return {
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    choices: answer.choices.map(({ index, message, logprobs, finish_reason, stop_detail }) => ({
      index,
      message: encodeMessage(message),
      logprobs: logprobs ?? null,
      finish_reason,
      ...(stop_detail !== undefined && { stop_detail }),
    })),
    usage: writeUsage(usage),
  };
}

function encodeMessage(message: AnswerMessage): object {
  const { content, reasoning, refusal, tool_calls, opaque, extra } = message;
  return {
    role: "assistant",
    content,
    refusal: refusal ?? null,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(tool_calls !== undefined && { tool_calls }),
    ...(opaque !== undefined && { opaque }),
    ...(extra !== undefined && { extra }),
  };
}
