import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent, ToolCall } from "../../core/chat.ts";
import { nonEmpty } from "../text.ts";

/** Tool calls in one choice; a stream that starts more is broken. */
export const TOOL_CALLS_MAX = 512;

/** A model's call without arguments: some upstreams send nothing at all, which no program can parse. */
const NO_ARGUMENTS = "{}";

interface OpenCall {
  /** Place among the calls of its choice, without the gaps upstreams leave. */
  readonly place: number;
  /** As the upstream named it. */
  readonly id: string | undefined;
  named: boolean;
  hasArguments: boolean;
}

/**
 * Puts the pieces of one choice's tool calls in order. Upstreams number calls with gaps or not at all, repeat
 * the id in each piece or send it empty, or give every call the number 0: a piece belongs to the call with its
 * number, unless it brings another id and a name; without a number it goes by id, then to the latest call.
 */
export class ToolCallPieces {
  readonly #choice: number;
  readonly #calls: OpenCall[] = [];
  readonly #byNumber = new Map<number, OpenCall>();

  constructor(choice: number) {
    this.#choice = choice;
  }

  /** The event for one piece as the upstream sent it; a `skipped` event when it makes no sense. */
  piece(raw: unknown): ChatEvent {
    if (!isObject(raw)) return { type: "skipped", reason: "tool call piece is not an object" };
    const fn = isObject(raw["function"]) ? raw["function"] : {};
    const id = nonEmpty(raw["id"]);
    const name = nonEmpty(fn["name"]);
    const known = this.#find(raw["index"], id, name);
    if (known === undefined && this.#calls.length >= TOOL_CALLS_MAX) {
      return { type: "skipped", reason: `more than ${TOOL_CALLS_MAX} tool calls` };
    }
    const call = known ?? this.#begin(raw["index"], id);
    const tellName = name !== undefined && !call.named;
    if (tellName) call.named = true;
    const text = argumentsText(fn["arguments"]);
    if (text !== "") call.hasArguments = true;
    return {
      type: "tool_call",
      index: this.#choice,
      call: call.place,
      ...(known === undefined && { id: call.id ?? madeUpId(this.#choice, call.place) }),
      ...(tellName && { name }),
      arguments: text,
    };
  }

  /** Pieces that complete the calls which never got any arguments. */
  finish(): readonly ChatEvent[] {
    const events: ChatEvent[] = [];
    for (const call of this.#calls) {
      if (call.hasArguments) continue;
      call.hasArguments = true;
      events.push({ type: "tool_call", index: this.#choice, call: call.place, arguments: NO_ARGUMENTS });
    }
    return events;
  }

  #find(number: unknown, id: string | undefined, name: string | undefined): OpenCall | undefined {
    if (typeof number === "number") {
      const call = this.#byNumber.get(number);
      const isAnother = id !== undefined && name !== undefined && call?.id !== undefined && call.id !== id;
      return isAnother ? undefined : call;
    }
    if (id !== undefined) return this.#calls.find((call) => call.id === id);
    const latest = this.#calls.at(-1);
    return name !== undefined && latest?.named === true ? undefined : latest;
  }

  #begin(number: unknown, id: string | undefined): OpenCall {
    const call: OpenCall = { place: this.#calls.length, id, named: false, hasArguments: false };
    this.#calls.push(call);
    if (typeof number === "number") this.#byNumber.set(number, call);
    return call;
  }
}

/** An answer to the call must be able to name it, so a call without an id is given one. */
function madeUpId(choice: number, place: number): string {
  return `call_${choice}_${place}`;
}

/** Arguments are JSON text; some servers send the object itself. */
function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/** A whole call; `place` is its place in the message. Undefined when it is not one. */
export function readToolCall(raw: unknown, choice: number, place: number): ToolCall | undefined {
  if (!isObject(raw)) return undefined;
  const fn = raw["function"];
  return isObject(fn) ? readFunction(fn, nonEmpty(raw["id"]) ?? madeUpId(choice, place)) : undefined;
}

/** The function of a whole call; also the older `function_call`, which had no id. */
export function readFunction(fn: JsonObject, id: string): ToolCall {
  const text = argumentsText(fn["arguments"]);
  return {
    id,
    type: "function",
    function: { name: nonEmpty(fn["name"]) ?? "", arguments: text === "" ? NO_ARGUMENTS : text },
  };
}
