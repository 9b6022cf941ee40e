import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { sseEvent } from "../../base/sse.ts";
import type { ChatEvent, FinishReason } from "../../core/chat.ts";
import type { AnswerHead, ErrorFace, StreamEncoder } from "../../core/dialect.ts";
import type { Usage } from "../../core/usage.ts";
import { openAiErrorOf } from "../openai-door/error.ts";
import { writeUsage } from "../openai-responses/usage.ts";
import { flatAnnotation } from "../openai-chat/extra.ts";
import { callKeeper, isOwnItem, ItemIds, phaseIn } from "./items.ts";
import { OpenCall, OpenMessage, OpenThought } from "./open-items.ts";
import { editEvent } from "./pass.ts";
import { responseId, responseObject, statusOf } from "./response.ts";

type Frame = Extract<ChatEvent, { type: "frame" }>;
type EventOf<Type extends ChatEvent["type"]> = Extract<ChatEvent, { type: Type }>;

const LAST_TYPES: ReadonlySet<unknown> = new Set(["response.completed", "response.incomplete"]);
const NO_LOGPROBS: readonly unknown[] = [];

/**
 * Frames a stream as the Responses API does: numbered events, an item at a time (calls may be written side by side),
 * and the whole response at the end. Events of an upstream that speaks the format are handed on.
 */
export class ResponsesStreamEncoder implements StreamEncoder {
  readonly #head: AnswerHead;
  readonly #ids: ItemIds;
  /** Items by their place; one that is being written is put there when it is over. */
  readonly #output: JsonObject[] = [];
  readonly #calls = new Map<number, { readonly call: OpenCall; readonly place: number }>();
  #places = 0;
  #number = 0;
  #hasBegun = false;
  #ended = false;
  #message: { readonly open: OpenMessage; readonly place: number } | undefined;
  #thought: { readonly open: OpenThought; readonly place: number } | undefined;
  #phase: unknown;
  #reason: FinishReason = "stop";
  /** What is said beside the text, by kind. */
  readonly #extra: Record<string, unknown[]> = {};
  /** Whether the upstream's own events are handed on. */
  #passes = false;
  #last: Frame | undefined;

  constructor(head: AnswerHead) {
    this.#head = head;
    this.#ids = new ItemIds(responseId(head));
  }

  event(event: ChatEvent): string {
    if (this.#ended) return "";
    if (event.type === "frame") return this.#frame(event);
    if (this.#passes || ("index" in event && event.index !== 0)) return "";
    switch (event.type) {
      case "text":
      case "refusal":
        return this.#begin() + this.#said(event);
      case "reasoning":
        return this.#begin() + this.#thoughtPiece(event.text);
      case "opaque":
        return this.#begin() + this.#opaque(event);
      case "tool_call":
        return this.#begin() + this.#callPiece(event);
      case "extra":
        return this.#aside(event);
      case "finish":
        this.#reason = event.reason;
        return this.#begin() + this.#close();
      default:
        return "";
    }
  }

  final(usage: Usage): string {
    if (this.#ended) return "";
    this.#ended = true;
    if (this.#last !== undefined) {
      const { data, chunk } = this.#last;
      return sseEvent(editEvent(data, chunk, this.#head, usage), typeOf(chunk));
    }
    const open = this.#begin() + this.#close();
    const status = statusOf(this.#reason);
    const response = this.#response({ ...status, output: this.#finalOutput(), usage: writeUsage(usage) });
    return open + this.#say(`response.${String(status["status"])}`, { response });
  }

  error(face: ErrorFace): string {
    if (this.#ended) return "";
    this.#ended = true;
    const { code, message, type, param } = openAiErrorOf(face);
    const begin = this.#passes ? "" : this.#begin();
    const output = [...this.#output.filter(Boolean), ...this.#unfinished()];
    const response = this.#response({ status: "failed", error: { code, message }, output });
    return (
      begin +
      this.#say("error", { code, message, param, error: { type, code, message, param } }) +
      this.#say("response.failed", { response })
    );
  }

  readonly #say = (type: string, members: JsonObject): string =>
    sseEvent(JSON.stringify({ type, sequence_number: this.#number++, ...members }), type);

  #response(more: JsonObject): JsonObject {
    return responseObject(this.#head, more);
  }

  #begin(): string {
    if (this.#hasBegun) return "";
    this.#hasBegun = true;
    const response = this.#response({});
    return this.#say("response.created", { response }) + this.#say("response.in_progress", { response });
  }

  #frame(frame: Frame): string {
    const { data, chunk } = frame;
    if (this.#hasBegun) return "";
    this.#passes = true;
    if (typeof chunk["sequence_number"] === "number") this.#number = chunk["sequence_number"] + 1;
    if (LAST_TYPES.has(chunk["type"])) {
      this.#last = frame;
      return "";
    }
    return sseEvent(editEvent(data, chunk, this.#head), typeOf(chunk));
  }

  #said(event: EventOf<"text" | "refusal">): string {
    const logprobs =
      event.type === "text" && isObject(event.logprobs) ? event.logprobs["content"] : undefined;
    let text = this.#closeThought();
    if (this.#message?.open.kind !== event.type) {
      text += this.#closeMessage("completed");
      const place = this.#places++;
      const open = new OpenMessage(event.type, this.#ids.next("msg"), place, this.#phase);
      this.#message = { open, place };
      text += open.begin(this.#say);
      text += open.annotate(this.#say, this.#takeAnnotations());
    }
    return text + this.#message.open.delta(this.#say, event.text, isList(logprobs) ? logprobs : NO_LOGPROBS);
  }

  #thoughtPiece(piece: string): string {
    const sealed = this.#thought?.open.isSealed === true ? this.#closeThought() : "";
    const { open, begin } = this.#openThought();
    return sealed + begin + open.delta(this.#say, piece);
  }

  #openThought(): { readonly open: OpenThought; readonly begin: string } {
    if (this.#thought) return { open: this.#thought.open, begin: "" };
    const before = this.#closeMessage("completed");
    const place = this.#places++;
    const open = new OpenThought(this.#ids.next("rs"), place);
    this.#thought = { open, place };
    return { open, begin: before + open.begin(this.#say) };
  }

  #opaque({ opaque }: EventOf<"opaque">): string {
    const phase = phaseIn(opaque);
    if (phase !== undefined) {
      this.#phase = phase;
      return this.#closeThought() + this.#closeMessage("completed");
    }
    if (!isOwnItem(opaque)) {
      const { open, begin } = this.#openThought();
      open.keep(opaque);
      return begin;
    }
    if (opaque.data["type"] === "reasoning" && this.#thought?.open.isSealed === false) {
      this.#thought.open.seal(opaque.data);
      return this.#closeThought();
    }
    return this.#closeThought() + this.#closeMessage("completed") + this.#whole(opaque.data);
  }

  /** An item that is told at once. */
  #whole(item: JsonObject): string {
    const output_index = this.#places++;
    this.#output[output_index] = item;
    const members = { output_index, item };
    return this.#say("response.output_item.added", members) + this.#say("response.output_item.done", members);
  }

  #callPiece({ call, id, name = "", arguments: piece, opaque = [] }: EventOf<"tool_call">): string {
    const known = this.#calls.get(call);
    if (known !== undefined) return known.call.piece(this.#say, name, piece, opaque);
    const before = this.#closeThought() + this.#closeMessage("completed");
    const place = this.#places++;
    const open = new OpenCall(this.#ids, place, id ?? "", name);
    this.#calls.set(call, { call: open, place });
    return before + open.begin(this.#say) + open.piece(this.#say, "", piece, opaque);
  }

  #aside({ extra }: EventOf<"extra">): string {
    for (const [kind, items] of Object.entries(extra)) (this.#extra[kind] ??= []).push(...items);
    const open = this.#message?.open;
    return open?.kind === "text" ? open.annotate(this.#say, this.#takeAnnotations()) : "";
  }

  #takeAnnotations(): readonly unknown[] {
    const annotations = (this.#extra["annotations"] ?? []).map(flatAnnotation);
    delete this.#extra["annotations"];
    return annotations;
  }

  #close(): string {
    const status = statusOf(this.#reason)["status"] === "incomplete" ? "incomplete" : "completed";
    let text = this.#closeThought() + this.#closeMessage(status);
    for (const { call, place } of this.#calls.values()) {
      this.#output[place] = call.item("completed");
      text += call.end(this.#say);
      if (call.foreign.length > 0)
        text += this.#whole(callKeeper(this.#ids.next("rs"), call.callId, call.foreign));
    }
    this.#calls.clear();
    return text;
  }

  #closeThought(): string {
    const thought = this.#thought;
    if (thought === undefined) return "";
    this.#thought = undefined;
    this.#output[thought.place] = thought.open.item();
    return thought.open.end(this.#say);
  }

  #closeMessage(status: string): string {
    const message = this.#message;
    if (message === undefined) return "";
    this.#message = undefined;
    this.#output[message.place] = message.open.item(status);
    return message.open.end(this.#say, status);
  }

  /** The items, with what was said beside the text at the last message. */
  #finalOutput(): readonly JsonObject[] {
    const last = this.#output.findLastIndex(({ type }) => type === "message");
    const message = this.#output[last];
    if (message === undefined) return this.#output;
    const late = this.#takeAnnotations();
    const annotated = late.length === 0 ? message : withAnnotations(message, late);
    const extra = Object.keys(this.#extra).length > 0 && { extra: this.#extra };
    return this.#output.with(last, { ...annotated, ...extra });
  }

  /** What was being written when the stream failed. */
  #unfinished(): readonly JsonObject[] {
    const items: JsonObject[] = [];
    if (this.#message) items.push(this.#message.open.item("incomplete"));
    for (const { call } of this.#calls.values()) items.push(call.item("incomplete"));
    return items;
  }
}

/** A message that was over before its annotations came. */
function withAnnotations(message: JsonObject, late: readonly unknown[]): JsonObject {
  const { content } = message;
  if (!isList(content)) return message;
  const annotate = (part: unknown): unknown => {
    if (!isObject(part) || !isList(part["annotations"])) return part;
    return { ...part, annotations: [...part["annotations"], ...late] };
  };
  return { ...message, content: content.map(annotate) };
}

/** The name of an event that is handed on, where it has one. */
function typeOf({ type }: JsonObject): string | undefined {
  return typeof type === "string" ? type : undefined;
}
