import { sseEvent } from "../../base/sse.ts";
import type { JsonObject } from "../../base/json.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { AnswerHead, ErrorFace, StreamEncoder } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import {
  Asides,
  type DeltaEvent,
  deltaMembers,
  detailMember,
  DONE_EVENT,
} from "../chat-completions/delta.ts";
import { writeUsage } from "../chat-completions/usage.ts";
import { openAiErrorOf } from "./error.ts";
import { type FaithfulChoice, faithfulChoices } from "./faithful.ts";
import { FrameEditor } from "./frame-editor.ts";
import { tellsUsage, usageChunk } from "./pass.ts";

type Frame = Extract<ChatEvent, { type: "frame" }>;

const OPENING = `"role":"assistant","content":"","refusal":null`;

/**
 * Frames a stream as OpenAI does: the role first, then the pieces, the usage in a chunk of its own where it was
 * asked for, and exactly one `[DONE]`. Chunks of an upstream that speaks the format plainly are handed on.
 */
export class OpenAiStreamEncoder implements StreamEncoder {
  readonly #answer: AnswerHead;
  readonly #editor: FrameEditor;
  /** Everything of a chunk up to the list of choices. */
  readonly #head: string;
  /** Everything after it. */
  readonly #tail: string;
  /** Choices whose role has gone out. */
  readonly #begun = new Set<number>();
  readonly #asides = new Asides();
  /** Events to come that a frame has told. */
  #told = 0;
  /** What the chunk that tells the usage is made of: the last one of the upstream that did, or else the last one. */
  #last: JsonObject | undefined;
  #ended = false;

  constructor(head: AnswerHead) {
    const { id, created, model, includeUsage } = head;
    this.#answer = head;
    this.#editor = new FrameEditor(head);
    const fields = `"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${created}`;
    this.#head = `data: {${fields},"model":${JSON.stringify(model)},"choices":[`;
    this.#tail = includeUsage ? `],"usage":null}\n\n` : `]}\n\n`;
  }

  event(event: ChatEvent): string {
    if (this.#ended) return "";
    if (event.type === "frame") return this.#frame(event);
    if (this.#told > 0) {
      this.#told--;
      return "";
    }
    switch (event.type) {
      case "usage":
      case "upstream_id":
      case "skipped":
      case "end":
        return "";
      case "opaque":
      case "extra":
        this.#asides.take(event);
        return "";
      case "finish":
        return this.#finish(event);
      default:
        return this.#chunk(event.index, membersOf(event), "null", logprobsOf(event));
    }
  }

  final(usage: Usage): string {
    if (this.#ended) return "";
    this.#ended = true;
    const late = this.#asides.rest().map(({ index, members }) => this.#chunk(index, members, "null"));
    return late.join("") + this.#usage(usage) + DONE_EVENT;
  }

  #usage(usage: Usage): string {
    if (!this.#answer.includeUsage) return "";
    const last = this.#last;
    if (last) return sseEvent(usageChunk(last, usage, this.#answer));
    return `${this.#head}],"usage":${JSON.stringify(writeUsage(usage))}}\n\n`;
  }

  error(error: ErrorFace): string {
    if (this.#ended) return "";
    this.#ended = true;
    return sseEvent(JSON.stringify({ error: openAiErrorOf(error) })) + DONE_EVENT;
  }

  #finish({ index, reason, detail }: Extract<ChatEvent, { type: "finish" }>): string {
    const asides = this.#asides.members(index);
    const before = asides === undefined ? "" : this.#chunk(index, asides, "null");
    return before + this.#chunk(index, "", JSON.stringify(reason) + detailMember(detail));
  }

  #frame({ data, chunk, events }: Frame): string {
    if (this.#last === undefined || tellsUsage(chunk) || !tellsUsage(this.#last)) this.#last = chunk;
    const choices = faithfulChoices(chunk, events);
    if (!choices) return "";
    this.#told = events.length;
    // Programs look at the first choice of every chunk, unless they have asked for one without.
    const { includeUsage } = this.#answer;
    if (choices.length === 0 && (tellsUsage(chunk) || !includeUsage)) {
      // The chunk that tells the usage is made of it, where there will be one.
      if (!includeUsage) for (const event of events) if (event.type === "extra") this.#asides.take(event);
      return "";
    }
    const edited = this.#editor.edit(data, chunk);
    // Looked for in the text as it came: in the edited one it takes as long as the edit.
    const event = data.includes("\n") ? sseEvent(edited) : `data: ${edited}\n\n`;
    return this.#openings(choices) + event;
  }

  /** The role of choices that begin in this chunk, where the upstream does not tell it. */
  #openings(choices: readonly FaithfulChoice[]): string {
    let text = "";
    for (const { index, delta } of choices) {
      if (this.#begun.has(index)) continue;
      if (delta["role"] === "assistant") this.#begun.add(index);
      else text += this.#open(index);
    }
    return text;
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
