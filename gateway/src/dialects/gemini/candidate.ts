import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent, Extra, StopDetail } from "../../core/chat.ts";
import { FaultError } from "../../core/fault.ts";
import { shapeFault } from "../http/fault-words.ts";
import { nonEmpty } from "../text.ts";
import { Calls } from "./calls.ts";
import { mapFinishReason } from "./finish.ts";
import { thoughtSignature } from "./signature.ts";

/** Reads the parts of one candidate, which come in any number of chunks. */
export class Candidate {
  readonly #index: number;
  readonly #calls: Calls;
  /** UTF-16 units of the text so far. */
  #textLength = 0;
  #hasUnread = false;
  #finished = false;

  constructor(index: number, answerId: () => string | undefined) {
    this.#index = index;
    this.#calls = new Calls(index, answerId);
  }

  /**
   * Events of one chunk; `missesEvents`: whether others could not be read at all. Throws FaultError for a candidate that
   * failed before it said anything.
   */
  read(wire: JsonObject, missesEvents: boolean): readonly ChatEvent[] {
    if (missesEvents) this.#hasUnread = true;
    const events: ChatEvent[] = [];
    const content = wire["content"];
    const parts = isObject(content) && isList(content["parts"]) ? content["parts"] : [];
    for (const part of parts) this.#readPart(part, events);
    const extra = extraOf(wire);
    if (extra !== undefined) events.push({ type: "extra", index: this.#index, extra });
    this.#readFinish(wire, events);
    return events;
  }

  #readPart(part: unknown, events: ChatEvent[]): void {
    if (!isObject(part)) {
      this.#hasUnread = true;
      events.push({ type: "skipped", reason: "part is not an object" });
      return;
    }
    const signature = nonEmpty(part["thoughtSignature"]);
    const call = part["functionCall"];
    if (isObject(call)) {
      const opaque = signature === undefined ? undefined : thoughtSignature(signature);
      const read = this.#calls.read(call, opaque);
      if (read.some(({ type }) => type === "tool_call")) this.#finished = false;
      events.push(...read);
      return;
    }
    const text = part["text"];
    if (typeof text === "string") this.#readText(text, part["thought"] === true, events);
    else if (signature === undefined || Object.keys(part).some((key) => !KNOWN_BESIDE.has(key))) {
      this.#hasUnread = true;
      events.push({ type: "skipped", reason: `part with ${Object.keys(part).join(", ").slice(0, 80)}` });
    }
    if (signature !== undefined) events.push(this.#signed(signature, part));
  }

  #readText(text: string, isThought: boolean, events: ChatEvent[]): void {
    if (text === "") return;
    // Some say "STOP" with every chunk: what goes on after its end has to end again.
    this.#finished = false;
    if (!isThought) this.#textLength += text.length;
    events.push({ type: isThought ? "reasoning" : "text", index: this.#index, text });
  }

  #signed(signature: string, part: JsonObject): ChatEvent {
    const text = typeof part["text"] === "string" ? part["text"] : "";
    const of = part["thought"] === true ? { thought: text } : { textLength: text.length };
    const at = { text: this.#textLength, calls: this.#calls.count };
    return { type: "opaque", index: this.#index, opaque: { ...thoughtSignature(signature, of), at } };
  }

  #readFinish(wire: JsonObject, events: ChatEvent[]): void {
    const mapped = mapFinishReason(wire["finishReason"]);
    if (mapped === undefined || this.#finished) return;
    this.#finished = true;
    events.push(...this.#calls.finish());
    const given = wire["finishReason"];
    const name = (typeof given === "string" ? given : JSON.stringify(given)).slice(0, 60);
    if (!mapped.known)
      events.push({ type: "skipped", reason: `unknown finish reason ${name} taken as "error"` });
    const isEmpty = this.#textLength === 0 && this.#calls.count === 0;
    // Of models that draw, mostly: an answer that would come to nothing is none.
    if (isEmpty && this.#hasUnread) throw shapeFault("nothing of the answer's parts can be read");
    // A call that the model garbled, mostly: another try or another backend may well do better.
    if (mapped.reason === "error" && isEmpty) {
      throw new FaultError({ class: "server_error", reason: `the answer ended with ${name} and no content` });
    }
    const reason = mapped.reason === "stop" && this.#calls.count > 0 ? "tool_calls" : mapped.reason;
    const isPlain = mapped.reason === "stop" || mapped.reason === "length";
    const detail = isPlain ? {} : { detail: detailOf(name, wire) };
    events.push({ type: "finish", index: this.#index, reason, ...detail });
  }
}

/** What may stand beside a signature without saying anything. */
const KNOWN_BESIDE: ReadonlySet<string> = new Set(["thoughtSignature", "thought"]);

function detailOf(reason: string, wire: JsonObject): StopDetail {
  const more = Object.fromEntries(
    ["finishMessage", "safetyRatings"].flatMap((field) =>
      wire[field] === undefined ? [] : [[field, wire[field]]],
    ),
  );
  return Object.keys(more).length === 0 ? { reason } : { reason, more };
}

/** What the provider found and where. */
function extraOf(wire: JsonObject): Extra | undefined {
  const extra: Record<string, readonly unknown[]> = {};
  const cited = wire["citationMetadata"];
  const citations = isObject(cited) ? (cited["citationSources"] ?? cited["citations"]) : undefined;
  if (isList(citations) && citations.length > 0) extra["citations"] = citations;
  for (const [field, name] of [
    ["groundingMetadata", "grounding"],
    ["urlContextMetadata", "url_context"],
  ] as const) {
    const found = wire[field];
    if (isObject(found) && Object.keys(found).length > 0) extra[name] = [found];
  }
  return Object.keys(extra).length === 0 ? undefined : extra;
}
