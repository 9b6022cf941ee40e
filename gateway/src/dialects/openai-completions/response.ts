import type { ChatAnswer } from "../../core/chat.ts";
import type { AnswerHead } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { writeUsage } from "../chat-completions/usage.ts";
import { textOf } from "../text-completions/text.ts";

/** The id of an answer of this format: that of a chat by its own prefix. */
export function completionId({ id }: AnswerHead): string {
  return id.replace(/^chatcmpl-/, "cmpl-");
}

/** A whole answer; `textCompletionSchema` describes it. */
export function encodeAnswer(answer: ChatAnswer, usage: Usage, head: AnswerHead): object {
  return {
    id: completionId(head),
    object: "text_completion",
    created: head.created,
    model: head.model,
    choices: answer.choices.map(({ index, message, finish_reason }) => ({
      text: textOf(message),
      index,
      logprobs: null,
      finish_reason,
      ...(message.reasoning !== undefined && { reasoning_content: message.reasoning }),
    })),
    usage: writeUsage(usage),
  };
}
