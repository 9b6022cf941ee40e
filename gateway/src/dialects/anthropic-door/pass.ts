import { isObject, type JsonObject } from "../../base/json.ts";
import { sseEvent } from "../../base/sse.ts";
import { editMembers } from "../../base/json-members.ts";
import type { ChatAnswer, ChatEvent, RawAnswer } from "../../core/chat.ts";
import type { AnswerHead } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { stringIn } from "../anthropic-messages/wire.ts";
import { messageId } from "./response.ts";
import { saysUsage, writeUsage } from "./usage.ts";

type Frame = Extract<ChatEvent, { type: "frame" }>;

const NOTHING_YET = { input_tokens: 0, output_tokens: 0 };

/** The upstream's own text of a whole answer, with our id, the slug and the usage it was settled by. */
export function passAnswer(
  { text, body }: RawAnswer,
  answer: ChatAnswer,
  usage: Usage,
  head: AnswerHead,
): string | undefined {
  if (answer.skipped !== undefined || typeof body["stop_reason"] !== "string") return undefined;
  const edits = new Map([
    ["id", JSON.stringify(messageId(head))],
    ["model", JSON.stringify(head.model)],
  ]);
  if (!saysUsage(body["usage"], usage)) edits.set("usage", usageText(body["usage"], usage));
  return editMembers(text, edits);
}

/** What was settled, beside what else the provider said of the use. */
function usageText(wire: unknown, usage: Usage): string {
  return JSON.stringify({ ...(isObject(wire) ? wire : {}), ...writeUsage(usage) });
}

/**
 * Events of an upstream that speaks this format, as they are handed on. The one that tells the reason to stop is held
 * back until the answer is settled: the usage is in it.
 */
export class PassedFrames {
  readonly #head: AnswerHead;
  /** Events to come that a frame has told. */
  #told = 0;
  #begun = false;
  #counted: JsonObject = {};
  #last: Frame | undefined;

  constructor(head: AnswerHead) {
    this.#head = head;
  }

  /** Whether the beginning of the message has been handed on. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  pass(frame: Frame): string {
    const { data, chunk, events } = frame;
    const type = stringIn(chunk["type"]);
    // A stream that told its end with its beginning has nothing held back: its end is told in our own words.
    const isEnd = type === "message_stop";
    this.#told =
      isEnd && this.#last === undefined
        ? 0
        : events.filter(({ type: told }) => told !== "end" && told !== "skipped").length;
    // A beginning that comes twice is one: the official package takes no second.
    if (isEnd || (type === "message_start" && this.#begun)) return "";
    if (type === "message_delta") {
      this.#count(chunk["usage"]);
      if (!saysWhy(this.#last)) this.#last = frame;
      return "";
    }
    return sseEvent(type === "message_start" ? this.#start(data, chunk["message"]) : data, type);
  }

  /** Whether the next event has been told by its frame. */
  hasTold(): boolean {
    if (this.#told === 0) return false;
    this.#told--;
    return true;
  }

  /** The event that was held back, with what was settled; undefined where none was. */
  end(usage: Usage): string | undefined {
    if (this.#last === undefined) return undefined;
    const { data, chunk } = this.#last;
    // The official package reads the usage of this event without a look.
    const isSaid = isObject(chunk["usage"]) && saysUsage(this.#counted, usage);
    const edits = new Map([["usage", usageText(chunk["usage"], usage)]]);
    return sseEvent(isSaid ? data : editMembers(data, edits), "message_delta");
  }

  #count(usage: unknown): void {
    if (!isObject(usage)) return;
    const said = Object.entries(usage).filter(([, value]) => value != null);
    this.#counted = { ...this.#counted, ...Object.fromEntries(said) };
  }

  #start(data: string, message: unknown): string {
    if (!isObject(message)) return data;
    this.#begun = true;
    this.#count(message["usage"]);
    // A provider that reports nothing at its beginning is told of as one that has counted nothing yet.
    const usage = isObject(message["usage"]) ? {} : { usage: NOTHING_YET };
    const ours = { ...message, ...usage, id: messageId(this.#head), model: this.#head.model };
    const inner = JSON.stringify(ours);
    return editMembers(data, new Map([["message", inner]]));
  }
}

/** Whether an event has told the reason to stop: what comes after it changes nothing. */
function saysWhy(frame: Frame | undefined): boolean {
  return isObject(frame?.chunk["delta"]) && typeof frame.chunk["delta"]["stop_reason"] === "string";
}
