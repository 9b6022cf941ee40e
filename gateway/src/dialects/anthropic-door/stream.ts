import type { JsonObject } from "../../base/json.ts";
import type { ChatEvent, Opaque } from "../../core/chat.ts";
import type { AnswerHead, ErrorFace, StreamEncoder } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { ERRORS, type ErrorCode } from "../../errors.ts";
import { type Foreign, foreignBlock } from "../anthropic-messages/foreign.ts";
import { FAMILY, isBlock, stringIn } from "../anthropic-messages/wire.ts";
import { anthropicError } from "./error.ts";
import { PassedFrames } from "./pass.ts";
import { citationsIn, messageId } from "./response.ts";
import { stopMembers } from "./stop.ts";
import { writeUsage } from "./usage.ts";

type EventOf<Type extends ChatEvent["type"]> = Extract<ChatEvent, { type: Type }>;

/** The block that is being told. */
interface OpenBlock {
  readonly kind: "text" | "thinking" | "tool";
  readonly index: number;
}

const PING = `event: ping\ndata: {"type": "ping"}\n\n`;
const STOP = event("message_stop", {});

/**
 * Frames a stream as Anthropic does: a message begins, its blocks come one after another, then the reason to stop with
 * the usage. Events of an upstream that speaks the format are handed on.
 */
export class AnthropicStreamEncoder implements StreamEncoder {
  readonly #head: AnswerHead;
  readonly #frames: PassedFrames;
  #begun = false;
  #ended = false;
  #next = 0;
  #open: OpenBlock | undefined;
  /** Blocks of tool calls, by their place among the calls. */
  readonly #calls = new Map<number, { readonly use: string; readonly index: number }>();
  /** What another family put on a call whose block has begun: told after it. */
  readonly #late: Foreign[] = [];
  #end: EventOf<"finish"> | undefined;

  constructor(head: AnswerHead) {
    this.#head = head;
    this.#frames = new PassedFrames(head);
  }

  event(event: ChatEvent): string {
    if (this.#ended) return "";
    if (event.type === "skipped") return "";
    if (event.type === "frame") return this.#frames.pass(event);
    if (this.#frames.hasTold()) return "";
    if ("index" in event && event.index !== 0) return "";
    switch (event.type) {
      case "text":
      case "refusal":
        return event.text === "" ? "" : this.#said("text", { type: "text_delta", text: event.text });
      case "reasoning":
        return this.#said("thinking", { type: "thinking_delta", thinking: event.text });
      case "tool_call":
        return this.#call(event);
      case "opaque":
        return this.#opaque(event.opaque);
      case "extra":
        return this.#cited(citationsIn(event.extra["citations"]));
      case "finish":
        this.#end ??= event;
        return this.#begin() + this.#close() + this.#lateBlocks();
      default:
        return "";
    }
  }

  final(usage: Usage): string {
    if (this.#ended) return "";
    this.#ended = true;
    const passed = this.#frames.end(usage);
    if (passed !== undefined) return passed + STOP;
    const { reason = "error", detail } = this.#end ?? {};
    const stop = stopMembers(reason, detail, this.#calls.size > 0);
    const delta = event("message_delta", { delta: stop, usage: writeUsage(usage) });
    return this.#begin() + this.#close() + delta + STOP;
  }

  error({ code, message }: ErrorFace): string {
    if (this.#ended) return "";
    this.#ended = true;
    return event("error", { error: anthropicError(isErrorCode(code) ? code : "INTERNAL_ERROR", message) });
  }

  keepAlive(): string {
    return PING;
  }

  #begin(): string {
    if (this.#begun || this.#frames.hasBegun) return "";
    this.#begun = true;
    const message = {
      id: messageId(this.#head),
      type: "message",
      role: "assistant",
      model: this.#head.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      // Known at the end: clients take the later counts.
      usage: writeUsage({}),
    };
    return event("message_start", { message });
  }

  #said(kind: "text" | "thinking", delta: JsonObject): string {
    const isOpen = this.#open?.kind === kind;
    const empty = kind === "text" ? { text: "" } : { thinking: "", signature: "" };
    const opening = isOpen ? "" : this.#start(kind, { type: kind, ...empty });
    return opening + this.#delta(delta);
  }

  #start(kind: OpenBlock["kind"], content_block: JsonObject): string {
    const text = this.#begin() + this.#close();
    const index = this.#next++;
    this.#open = { kind, index };
    return text + event("content_block_start", { index, content_block });
  }

  #delta(delta: JsonObject, index = this.#open?.index): string {
    return event("content_block_delta", { index, delta });
  }

  #close(): string {
    const open = this.#open;
    this.#open = undefined;
    return open === undefined ? "" : event("content_block_stop", { index: open.index });
  }

  #call(event: EventOf<"tool_call">): string {
    const { call, arguments: text, opaque = [] } = event;
    const known = this.#calls.get(call);
    const opening = known === undefined ? this.#callBegun(event) : "";
    if (known !== undefined) {
      const foreign = opaque.filter(({ family }) => family !== FAMILY);
      this.#late.push(...foreign.map((one) => ({ opaque: one, call: known.use })));
    }
    if (text === "") return opening;
    return (
      opening + this.#delta({ type: "input_json_delta", partial_json: text }, this.#calls.get(call)?.index)
    );
  }

  #callBegun({ call, id = `toolu_${call}`, name = "", opaque = [] }: EventOf<"tool_call">): string {
    let said = "";
    let own = {};
    for (const one of opaque) {
      if (one.family === FAMILY) own = { ...own, ...one.data };
      else said += this.#whole(foreignBlock({ opaque: one, call: id }));
    }
    said += this.#start("tool", { type: "tool_use", id, name, input: {}, ...own });
    this.#calls.set(call, { use: id, index: this.#next - 1 });
    return said;
  }

  /** Thinking that has been told is signed; whatever else is a block of its own. */
  #opaque(opaque: Opaque): string {
    const { family, data } = opaque;
    if (family !== FAMILY) return this.#whole(foreignBlock({ opaque }));
    if (!isBlock(data)) return "";
    if (data.type !== "thinking") return this.#whole(data);
    const told = this.#open?.kind === "thinking" ? "" : this.#said("thinking", thinking(data));
    return (
      told + this.#delta({ type: "signature_delta", signature: stringIn(data["signature"]) }) + this.#close()
    );
  }

  #lateBlocks(): string {
    return this.#late
      .splice(0)
      .map((foreign) => this.#whole(foreignBlock(foreign)))
      .join("");
  }

  #whole(block: JsonObject): string {
    return this.#start("text", block) + this.#close();
  }

  #cited(citations: readonly unknown[]): string {
    if (citations.length === 0) return "";
    const opening = this.#open?.kind === "text" ? "" : this.#start("text", { type: "text", text: "" });
    return opening + citations.map((citation) => this.#delta({ type: "citations_delta", citation })).join("");
  }
}

function thinking(data: JsonObject): JsonObject {
  return { type: "thinking_delta", thinking: stringIn(data["thinking"]) };
}

/** One event; its name stands in its data too. */
function event(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
