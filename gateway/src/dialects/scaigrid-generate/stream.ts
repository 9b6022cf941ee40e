import type { ChatEvent } from "../../core/chat.ts";
import type { AnswerHead, AnswerMeta, ErrorFace, StreamEncoder } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { DONE_EVENT } from "../chat-completions/delta.ts";
import { writeUsage } from "../chat-completions/usage.ts";
import { completionId } from "../openai-completions/response.ts";
import { errorEvents } from "../scaigrid/stream.ts";

/**
 * Frames a native stream of text. Each choice has the piece as `text`, and as `delta.content` as well: what reads the
 * native stream of a chat reads this one.
 */
export class GenerateStreamEncoder implements StreamEncoder {
  /** Everything of a chunk up to the choice's index. */
  readonly #head: string;
  #ended = false;

  constructor(head: AnswerHead) {
    const id = JSON.stringify(completionId(head));
    const fields = `"id":${id},"model":${JSON.stringify(head.model)},"created":${head.created}`;
    this.#head = `data: {${fields},"choices":[{"index":`;
  }

  event(event: ChatEvent): string {
    if (this.#ended) return "";
    switch (event.type) {
      case "text":
      case "refusal": {
        const text = JSON.stringify(event.text);
        return `${this.#head}${event.index},"text":${text},"delta":{"content":${text}},"finish_reason":null}]}\n\n`;
      }
      case "reasoning": {
        const delta = `{"reasoning":${JSON.stringify(event.text)}}`;
        return `${this.#head}${event.index},"text":"","delta":${delta},"finish_reason":null}]}\n\n`;
      }
      case "finish": {
        const reason = JSON.stringify(event.reason);
        return `${this.#head}${event.index},"text":"","delta":{},"finish_reason":${reason}}]}\n\n`;
      }
      default:
        return "";
    }
  }

  final(usage: Usage, meta: AnswerMeta): string {
    if (this.#ended) return "";
    this.#ended = true;
    const tail = `"usage":${JSON.stringify(writeUsage(usage))},"_meta":${JSON.stringify(meta)}`;
    return `${this.#head}0,"text":"","delta":{},"finish_reason":null}],${tail}}\n\n${DONE_EVENT}`;
  }

  error(error: ErrorFace): string {
    if (this.#ended) return "";
    this.#ended = true;
    return errorEvents(error);
  }
}
