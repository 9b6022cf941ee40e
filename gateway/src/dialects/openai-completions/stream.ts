import { sseEvent } from "../../base/sse.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { AnswerHead, ErrorFace, StreamEncoder } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { DONE_EVENT } from "../chat-completions/delta.ts";
import { writeUsage } from "../chat-completions/usage.ts";
import { openAiErrorOf } from "../openai-door/error.ts";
import { completionId } from "./response.ts";

/** Frames a stream of text as OpenAI does, its usage in a chunk of its own where it was asked for. */
export class CompletionsStreamEncoder implements StreamEncoder {
  /** Everything of a chunk up to the list of choices. */
  readonly #head: string;
  /** Everything after it. */
  readonly #tail: string;
  readonly #includeUsage: boolean;
  #ended = false;

  constructor(head: AnswerHead) {
    const id = JSON.stringify(completionId(head));
    const model = JSON.stringify(head.model);
    this.#head = `data: {"id":${id},"object":"text_completion","created":${head.created},"model":${model},"choices":[`;
    this.#tail = head.includeUsage ? `],"usage":null}\n\n` : `]}\n\n`;
    this.#includeUsage = head.includeUsage;
  }

  event(event: ChatEvent): string {
    if (this.#ended) return "";
    switch (event.type) {
      case "text":
      case "refusal":
        return this.#chunk(event.index, event.text, "null");
      case "reasoning":
        // No part of OpenAI's format; programs that know nothing of it see a chunk without text.
        return this.#chunk(event.index, "", "null", `,"reasoning_content":${JSON.stringify(event.text)}`);
      case "finish":
        return this.#chunk(event.index, "", JSON.stringify(event.reason));
      default:
        return "";
    }
  }

  final(usage: Usage): string {
    if (this.#ended) return "";
    this.#ended = true;
    if (!this.#includeUsage) return DONE_EVENT;
    return `${this.#head}],"usage":${JSON.stringify(writeUsage(usage))}}\n\n${DONE_EVENT}`;
  }

  error(error: ErrorFace): string {
    if (this.#ended) return "";
    this.#ended = true;
    return sseEvent(JSON.stringify({ error: openAiErrorOf(error) })) + DONE_EVENT;
  }

  #chunk(index: number, text: string, finish: string, more = ""): string {
    const said = JSON.stringify(text);
    return `${this.#head}{"text":${said},"index":${index},"logprobs":null,"finish_reason":${finish}${more}}${this.#tail}`;
  }
}
