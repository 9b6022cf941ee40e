import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent, Opaque } from "../../core/chat.ts";
import { nonEmpty } from "../text.ts";

/** Blocks of one answer; one that has more is broken. */
const BLOCKS_MAX = 4_096;
const CALLS_MAX = 512;

interface OpenCall {
  readonly place: number;
  hasInput: boolean;
}

interface Thinking {
  text: string;
  signature: string;
  redacted: string;
}

/** A block that has begun and not ended. */
interface Open {
  call?: OpenCall;
  thinking?: Thinking;
}

/**
 * The blocks of one answer, whole or in pieces: blocks have numbers, and a block that has no start of its own begins
 * with its first piece.
 */
export class Blocks {
  readonly #open = new Map<number, Open>();
  #textLength = 0;
  #calls = 0;

  /** Whether nothing has been said: no text and no call. */
  get isEmpty(): boolean {
    return this.#textLength === 0 && this.#calls === 0;
  }

  /**
   * `contentBlockStart`: `start` says what the block is where that cannot be seen from its pieces. A block of the same
   * number that is still open ends first.
   */
  start(number: number, start: unknown): readonly ChatEvent[] {
    return [...this.stop(number), ...this.#begun(number, start)];
  }

  /** `contentBlockDelta`. */
  delta(number: number, delta: unknown): readonly ChatEvent[] {
    const open = this.#at(number);
    if (open === undefined || !isObject(delta)) return [skipped("piece of no block")];
    const { text, toolUse: use, reasoningContent: thought, citation } = delta;
    if (typeof text === "string") return this.#text(text);
    if (isObject(use)) return inputOf(open, use["input"]);
    if (isObject(thought)) return thoughtOf(open, thought);
    if (isObject(citation)) return [{ type: "extra", index: 0, extra: { citations: [citation] } }];
    return [skipped(`piece with ${Object.keys(delta).join(", ").slice(0, 80)}`)];
  }

  /** `contentBlockStop`: what is told of a block only once it is whole. */
  stop(number: number): readonly ChatEvent[] {
    const open = this.#open.get(number);
    this.#open.delete(number);
    if (open?.call?.hasInput === false) {
      return [{ type: "tool_call", index: 0, call: open.call.place, arguments: "{}" }];
    }
    return open?.thinking === undefined ? [] : this.#signed(open.thinking);
  }

  /** Ends whatever is open: some answers end without. */
  stopAll(): readonly ChatEvent[] {
    return [...this.#open.keys()].flatMap((number) => this.stop(number));
  }

  /** A block of a whole answer. */
  whole(number: number, block: unknown): readonly ChatEvent[] {
    if (!isObject(block)) return [skipped("block is not an object")];
    const { text, toolUse: use, reasoningContent: thought, citationsContent: cited } = block;
    if (typeof text === "string") return this.#text(text);
    if (isObject(use)) {
      const input = JSON.stringify(isObject(use["input"]) ? use["input"] : {});
      return [
        ...this.start(number, block),
        ...this.delta(number, { toolUse: { input } }),
        ...this.stop(number),
      ];
    }
    if (isObject(thought)) {
      const reasoning = isObject(thought["reasoningText"]) ? thought["reasoningText"] : {};
      const piece = { ...reasoning, redactedContent: thought["redactedContent"] };
      return [...this.delta(number, { reasoningContent: piece }), ...this.stop(number)];
    }
    if (isObject(cited)) return this.#cited(cited);
    return [skipped(`block with ${Object.keys(block).join(", ").slice(0, 80)}`)];
  }

  #begun(number: number, start: unknown): readonly ChatEvent[] {
    const open = this.#at(number);
    const use = isObject(start) ? start["toolUse"] : undefined;
    if (open === undefined) return [skipped(`more than ${BLOCKS_MAX} blocks`)];
    if (!isObject(use)) return unknownStart(start);
    if (this.#calls >= CALLS_MAX) return [skipped(`more than ${CALLS_MAX} calls`)];
    const place = this.#calls++;
    open.call = { place, hasInput: false };
    const id = nonEmpty(use["toolUseId"]) ?? `call_0_${place}`;
    const name = nonEmpty(use["name"]) ?? "";
    return [{ type: "tool_call", index: 0, call: place, id, name, arguments: "" }];
  }

  #text(text: string): readonly ChatEvent[] {
    this.#textLength += text.length;
    return text === "" ? [] : [{ type: "text", index: 0, text }];
  }

  #cited(cited: JsonObject): readonly ChatEvent[] {
    const { content, citations } = cited;
    const said = isList(content) ? content.filter(isObject).flatMap(({ text }) => nonEmpty(text) ?? []) : [];
    const events = said.flatMap((text) => this.#text(text));
    if (!isList(citations) || citations.length === 0) return events;
    return [...events, { type: "extra", index: 0, extra: { citations } }];
  }

  /** In the form of Anthropic's own API, whose models alone sign what they think. */
  #signed({ text, signature, redacted }: Thinking): readonly ChatEvent[] {
    const told: JsonObject[] = [];
    if (signature !== "") told.push({ type: "thinking", thinking: text, signature });
    if (redacted !== "") told.push({ type: "redacted_thinking", data: redacted });
    return told.map((data) => ({ type: "opaque", index: 0, opaque: this.#placed(data) }));
  }

  #placed(data: JsonObject): Opaque {
    const at = { text: this.#textLength, calls: this.#calls };
    return { family: "anthropic", data, ...(!this.isEmpty && { at }) };
  }

  #at(number: number): Open | undefined {
    const known = this.#open.get(number);
    if (known !== undefined || this.#open.size >= BLOCKS_MAX) return known;
    const open: Open = {};
    this.#open.set(number, open);
    return open;
  }
}

/** Blocks of text and reasoning begin without a word. */
function unknownStart(start: unknown): readonly ChatEvent[] {
  const kinds = isObject(start) ? Object.keys(start) : [];
  return kinds.length === 0 ? [] : [skipped(`block with ${kinds.join(", ").slice(0, 80)}`)];
}

function inputOf(open: Open, input: unknown): readonly ChatEvent[] {
  if (open.call === undefined) return [skipped("input of no call")];
  const text = inputText(input);
  if (text === "") return [];
  open.call.hasInput = true;
  return [{ type: "tool_call", index: 0, call: open.call.place, arguments: text }];
}

/** A piece of input as text; an object without members says nothing, as more may follow it. */
function inputText(input: unknown): string {
  if (isObject(input)) return Object.keys(input).length === 0 ? "" : JSON.stringify(input);
  return typeof input === "string" ? input : "";
}

function thoughtOf(open: Open, thought: JsonObject): readonly ChatEvent[] {
  const thinking = (open.thinking ??= { text: "", signature: "", redacted: "" });
  thinking.signature += nonEmpty(thought["signature"]) ?? "";
  thinking.redacted += nonEmpty(thought["redactedContent"]) ?? "";
  const text = nonEmpty(thought["text"]);
  if (text === undefined) return [];
  thinking.text += text;
  return [{ type: "reasoning", index: 0, text }];
}

function skipped(reason: string): ChatEvent {
  return { type: "skipped", reason };
}
