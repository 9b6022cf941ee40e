import type { ChatAnswer } from "../../core/chat.ts";
import type { AnswerHead, AnswerMeta } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { writeUsage } from "../chat-completions/usage.ts";

/** `data` of a whole native answer; `chatAnswerSchema` describes it. */
export function encodeAnswer(answer: ChatAnswer, usage: Usage, head: AnswerHead, meta: AnswerMeta): object {
  return {
    id: head.id,
    model: head.model,
    created: head.created,
    choices: answer.choices,
    usage: writeUsage(usage),
    _meta: meta,
  };
}
