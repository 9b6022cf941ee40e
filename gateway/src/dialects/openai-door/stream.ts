import { sseEvent } from "../../base/sse.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { AnswerHead, ErrorFace, StreamEncoder } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { ERRORS, type ErrorCode } from "../../errors.ts";
import { type DeltaEvent, deltaMembers, DONE_EVENT } from "../chat-completions/delta.ts";
import { writeUsage } from "../chat-completions/usage.ts";
import { openAiError } from "./error.ts";

const OPENING = `"role":"assistant","content":"","refusal":null`;

/**
 * Frames a stream as OpenAI does: the role first, then the pieces, the usage in a chunk of its own where it was
 * asked for, and exactly one `[DONE]`.
 */
export class OpenAiStreamEncoder implements StreamEncoder {
  /** Everything of a chunk up to the list of choices. */
  readonly #head: string;
  /** Everything after it. */
  readonly #tail: string;
  readonly #includeUsage: boolean;
  /** Choices whose role has gone out. */
  readonly #begun = new Set<number>();
  #ended = false;

  constructor(head: AnswerHead) {
    const { id, created, model } = head;
    const fields = `"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${created}`;
    this.#head = `data: {${fields},"model":${JSON.stringify(model)},"choices":[`;
    this.#includeUsage = head.includeUsage;
    this.#tail = head.includeUsage ? `],"usage":null}\n\n` : `]}\n\n`;
  }

  event(event: ChatEvent): string {
    if (this.#ended) return "";
    switch (event.type) {
      case "usage":
      case "upstream_id":
      case "skipped":
      case "end":
        return "";
      case "finish":
        return this.#chunk(event.index, "", JSON.stringify(event.reason));
      default:
        return this.#chunk(event.index, membersOf(event), "null", logprobsOf(event));
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
    const code = isErrorCode(error.code) ? error.code : "INTERNAL_ERROR";
    return sseEvent(JSON.stringify({ error: openAiError(code, error.message) })) + DONE_EVENT;
  }

  #chunk(index: number, members: string, finish: string, logprobs = "null"): string {
    const opening = this.#begun.has(index) ? "" : this.#open(index);
    return `${opening}${this.#head}{"index":${index},"delta":{${members}},"logprobs":${logprobs},"finish_reason":${finish}}${this.#tail}`;
  }

  #open(index: number): string {
    this.#begun.add(index);
    return this.#chunk(index, OPENING, "null");
  }
}

/** Reasoning goes by the name most servers of this format give it. */
function membersOf(event: DeltaEvent): string {
  return event.type === "reasoning"
    ? `"reasoning_content":${JSON.stringify(event.text)}`
    : deltaMembers(event);
}

function logprobsOf(event: DeltaEvent): string | undefined {
  return event.type === "text" && event.logprobs !== undefined ? JSON.stringify(event.logprobs) : undefined;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
