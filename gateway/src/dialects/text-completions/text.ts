import type { AnswerMessage } from "../../core/chat.ts";

/** What a choice says to one who asked for text alone: a model that refuses says so there. */
export function textOf({ content, refusal }: Pick<AnswerMessage, "content" | "refusal">): string {
  return (content ?? "") + (refusal ?? "");
}
