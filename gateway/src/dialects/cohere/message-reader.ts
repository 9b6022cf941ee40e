import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent } from "../../core/chat.ts";
import { nonEmpty } from "../text.ts";

const CHOICE = 0;
/** Between the plan for the tools and other thoughts. */
const PARAGRAPH = "\n\n";
/** A model's call without arguments: Cohere sends an empty text, which no program can parse. */
const NO_ARGUMENTS = "{}";
/** Tool calls in one answer; a stream that starts more is broken. */
const CALLS_MAX = 512;

/** Turns what a message says into events, whether it comes in pieces or whole. */
export class MessageReader {
  #text = 0;
  #calls = 0;
  #hasReasoned = false;
  #plan = "";
  #thinking = "";
  #arguments = "";

  text(text: unknown): readonly ChatEvent[] {
    if (typeof text !== "string") return unread("text", text);
    if (text === "") return [];
    const before = this.seal();
    this.#text += text.length;
    return [...before, { type: "text", index: CHOICE, text }];
  }

  thinking(text: unknown): readonly ChatEvent[] {
    if (typeof text !== "string") return unread("thinking", text);
    if (text === "") return [];
    const isNext = this.#hasReasoned && this.#thinking === "";
    this.#thinking += text;
    return [this.#reasoning(text, isNext)];
  }

  /** What the model says it will do with the tools. */
  plan(text: unknown): readonly ChatEvent[] {
    if (typeof text !== "string") return unread("tool_plan", text);
    if (text === "") return [];
    const isNext = this.#hasReasoned && this.#plan === "";
    this.#plan += text;
    return [this.#reasoning(text, isNext)];
  }

  beginCall(call: unknown): readonly ChatEvent[] {
    if (!isObject(call)) return [{ type: "skipped", reason: "tool call is not an object" }];
    if (this.#calls >= CALLS_MAX) return [{ type: "skipped", reason: `more than ${CALLS_MAX} tool calls` }];
    const fn = isObject(call["function"]) ? call["function"] : {};
    const name = nonEmpty(fn["name"]);
    const events = [...this.seal()];
    this.#arguments = "";
    events.push({
      type: "tool_call",
      index: CHOICE,
      call: this.#calls++,
      id: nonEmpty(call["id"]) ?? `call_${this.#calls - 1}`,
      ...(name !== undefined && { name }),
      arguments: "",
    });
    return [...events, ...this.argumentsPiece(fn["arguments"])];
  }

  argumentsPiece(text: unknown): readonly ChatEvent[] {
    if (typeof text !== "string" || text === "") return [];
    if (this.#calls === 0) return [{ type: "skipped", reason: "arguments of a call that never began" }];
    this.#arguments += text;
    return [{ type: "tool_call", index: CHOICE, call: this.#calls - 1, arguments: text }];
  }

  endCall(): readonly ChatEvent[] {
    return this.#calls > 0 && this.#arguments === "" ? this.argumentsPiece(NO_ARGUMENTS) : [];
  }

  citations(citations: unknown): readonly ChatEvent[] {
    const items = (isList(citations) ? citations : [citations]).filter(isObject);
    return items.length === 0 ? [] : [{ type: "extra", index: CHOICE, extra: { citations: items } }];
  }

  /** The thoughts are over: what callers hand back, so that the model knows them again. */
  seal(): readonly ChatEvent[] {
    const data: JsonObject = {
      ...(this.#thinking !== "" && { thinking: this.#thinking }),
      ...(this.#plan !== "" && { tool_plan: this.#plan }),
    };
    if (Object.keys(data).length === 0) return [];
    this.#thinking = "";
    this.#plan = "";
    const at = { text: this.#text, calls: this.#calls };
    const isInFront = at.text === 0 && at.calls === 0;
    return [
      {
        type: "opaque",
        index: CHOICE,
        opaque: { family: "cohere", data, ...(!isInFront && { at }) },
      },
    ];
  }

  #reasoning(text: string, isNext: boolean): ChatEvent {
    this.#hasReasoned = true;
    return { type: "reasoning", index: CHOICE, text: isNext ? PARAGRAPH + text : text };
  }
}

/** Of what should be text and is something else. */
function unread(name: string, value: unknown): readonly ChatEvent[] {
  return value === undefined || value === null
    ? []
    : [{ type: "skipped", reason: `${name} that is no text` }];
}
