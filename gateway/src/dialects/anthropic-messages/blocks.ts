import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent, Opaque } from "../../core/chat.ts";
import { UnknownKinds } from "../unknown-kinds.ts";
import { type Block, FAMILY, isBlock, membersBut, stringIn } from "./wire.ts";

/** Blocks in one answer; a stream that starts more is broken. */
const BLOCKS_MAX = 4_096;

/** Members of a tool call that the middle form has a place for. */
const TOLD_OF_CALLS = ["type", "id", "name", "input", "cache_control"];

/** A call without arguments is an object without members: no program could parse nothing at all. */
const NO_ARGUMENTS = "{}";

interface OpenBlock {
  readonly block: Block;
  /** Place among the tool calls, of a call. */
  readonly call: number | undefined;
  /** Pieces of `input` so far. */
  json: string;
}

/**
 * Puts the blocks of one answer together and tells them as they come: text, thinking and tool calls in pieces, and
 * whole, once they end, those which only models of this family can read.
 */
export class Blocks {
  readonly #open = new Map<number, OpenBlock>();
  readonly #unknown: UnknownKinds;
  #begun = 0;
  #textLength = 0;
  #calls = 0;

  /** `unknown` is told of pieces that this version does not know. */
  constructor(unknown = new UnknownKinds()) {
    this.#unknown = unknown;
  }

  /** Whether anything has come. */
  get hasBegun(): boolean {
    return this.#begun > 0;
  }

  start(index: number, block: unknown): readonly ChatEvent[] {
    if (!isBlock(block)) return [skipped("a block without a type")];
    if (++this.#begun > BLOCKS_MAX) return [skipped(`more than ${BLOCKS_MAX} blocks`)];
    const before = this.stop(index);
    const isCall = block.type === "tool_use";
    this.#open.set(index, { block: { ...block }, call: isCall ? this.#calls++ : undefined, json: "" });
    if (isCall) return [...before, this.#callBegun(block)];
    return [...before, ...this.#said(block)];
  }

  delta(index: number, delta: unknown): readonly ChatEvent[] {
    const open = this.#open.get(index);
    if (open === undefined || !isObject(delta)) return [skipped("a piece of no block")];
    const { block } = open;
    switch (delta["type"]) {
      case "text_delta":
        return this.#text(delta["text"]);
      case "thinking_delta":
        return grown(block, "thinking", delta)
          ? thought(stringIn(delta["thinking"]))
          : this.#unknown.misplaced("thinking_delta", block.type);
      case "signature_delta":
        block["signature"] = stringIn(delta["signature"]);
        return [];
      case "compaction_delta":
        grow(block, delta);
        return [];
      case "citations_delta":
        return cited([delta["citation"]]);
      case "input_json_delta":
        return this.#input(open, stringIn(delta["partial_json"]));
      default:
        grow(block, delta);
        return this.#unknown.note("piece", delta["type"]);
    }
  }

  /** The block of this number has ended; nothing where there is none. */
  stop(index: number): readonly ChatEvent[] {
    const open = this.#open.get(index);
    if (open === undefined) return [];
    this.#open.delete(index);
    const { block, call, json } = open;
    if (call !== undefined) {
      if (json !== "") return [];
      return [{ type: "tool_call", index: 0, call, arguments: wholeInput(block["input"]) }];
    }
    if (block.type === "text") return [];
    if (json !== "") block["input"] = parsedInput(json);
    return [{ type: "opaque", index: 0, opaque: this.#placed(block) }];
  }

  /** Ends whatever is open. */
  stopAll(): readonly ChatEvent[] {
    return [...this.#open.keys()].flatMap((index) => this.stop(index));
  }

  /** What a block says of itself when it begins: all of it, in an answer that is whole. */
  #said(block: Block): readonly ChatEvent[] {
    if (block.type === "text") {
      return [...this.#text(block["text"]), ...cited(isList(block["citations"]) ? block["citations"] : [])];
    }
    return block.type === "thinking" ? thought(stringIn(block["thinking"])) : [];
  }

  #text(text: unknown): readonly ChatEvent[] {
    if (typeof text !== "string") return text == null ? [] : [skipped("text that is none")];
    this.#textLength += text.length;
    return text === "" ? [] : [{ type: "text", index: 0, text }];
  }

  #callBegun(block: Block): ChatEvent {
    const rest = membersBut(block, TOLD_OF_CALLS);
    if (isObject(rest["caller"]) && rest["caller"]["type"] === "direct") delete rest["caller"];
    const call = this.#calls - 1;
    return {
      type: "tool_call",
      index: 0,
      call,
      id: stringIn(block["id"]) || `call_${call}`,
      name: stringIn(block["name"]),
      arguments: "",
      ...(Object.keys(rest).length > 0 && { opaque: [{ family: FAMILY, data: rest }] }),
    };
  }

  #input(open: OpenBlock, piece: string): readonly ChatEvent[] {
    if (piece === "") return [];
    const { type } = open.block;
    if (type === "text" || type === "thinking") return this.#unknown.misplaced("input_json_delta", type);
    open.json += piece;
    return open.call === undefined
      ? []
      : [{ type: "tool_call", index: 0, call: open.call, arguments: piece }];
  }

  #placed(data: JsonObject): Opaque {
    const at = { text: this.#textLength, calls: this.#calls };
    return { family: FAMILY, data, ...(at.text + at.calls > 0 && { at }) };
  }
}

function skipped(reason: string): ChatEvent {
  return { type: "skipped", reason };
}

function thought(text: string): readonly ChatEvent[] {
  return text === "" ? [] : [{ type: "reasoning", index: 0, text }];
}

function cited(citations: readonly unknown[]): readonly ChatEvent[] {
  return citations.length === 0 ? [] : [{ type: "extra", index: 0, extra: { citations } }];
}

/** Adds a piece to a member of text; false where the block is of another kind. */
function grown(block: Block, member: "thinking", delta: JsonObject): boolean {
  if (block.type !== member) return false;
  block[member] = stringIn(block[member]) + stringIn(delta[member]);
  return true;
}

/** Pieces of kinds that may come: texts of a block for this family alone grow, whatever else takes the last word. */
function grow(block: Block, { type: _type, ...members }: JsonObject): void {
  if (block.type === "text" || block.type === "tool_use") return;
  for (const [name, value] of Object.entries(members)) {
    block[name] = typeof value === "string" ? stringIn(block[name]) + value : value;
  }
}

function wholeInput(input: unknown): string {
  return input === undefined || input === null ? NO_ARGUMENTS : JSON.stringify(input);
}

/** The input of a tool that the provider runs; one that is no JSON stays the text it is. */
function parsedInput(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
