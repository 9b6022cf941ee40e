import type { ChatAnswer } from "../../core/chat.ts";
import type { AnswerHead, AnswerMeta } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { writeUsage } from "../chat-completions/usage.ts";
import { completionId } from "../openai-completions/response.ts";
import { textOf } from "../text-completions/text.ts";

/** `data` of a whole answer; `generateAnswerSchema` describes it. */
export function encodeAnswer(answer: ChatAnswer, usage: Usage, head: AnswerHead, meta: AnswerMeta): object {
  return {
    id: completionId(head),
    model: head.model,
    created: head.created,
    choices: answer.choices.map(({ index, message, finish_reason }) => ({
      index,
      text: textOf(message),
      ...(message.reasoning !== undefined && { reasoning: message.reasoning }),
      finish_reason,
    })),
    usage: writeUsage(usage),
    _meta: meta,
  };
}
