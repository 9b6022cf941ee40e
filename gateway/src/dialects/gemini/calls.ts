import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent, Opaque } from "../../core/chat.ts";
import { nonEmpty } from "../text.ts";
import { PartialArguments } from "./partial-args.ts";

/** Calls of one candidate; an answer that starts more is broken. */
const CALLS_MAX = 512;
/** With its number an id stays within what all providers take (40 characters). */
const ID_STEM_CHARS_MAX = 24;

/** Begins the ids that are made here: what the API did not give is not sent back to it. */
export const MADE_ID_PREFIX = "call_";

interface OpenCall {
  readonly place: number;
  readonly args: PartialArguments;
}

/** The function calls of one candidate, whole or in pieces. */
export class Calls {
  readonly #index: number;
  readonly #answerId: () => string | undefined;
  #begun = 0;
  #open: OpenCall | undefined;

  /** `answerId`: the upstream's id of the answer, from which calls without an id get theirs. */
  constructor(index: number, answerId: () => string | undefined) {
    this.#index = index;
    this.#answerId = answerId;
  }

  /** How many have begun. */
  get count(): number {
    return this.#begun;
  }

  /** Events of one `functionCall` part. */
  read(call: JsonObject, opaque: Opaque | undefined): readonly ChatEvent[] {
    const name = nonEmpty(call["name"]);
    const continues = call["willContinue"] === true;
    const pieces = isList(call["partialArgs"]) ? call["partialArgs"] : undefined;
    if (name === undefined) return this.#more(pieces ?? [], continues);
    const before = this.finish();
    if (this.#begun >= CALLS_MAX)
      return [...before, { type: "skipped", reason: `more than ${CALLS_MAX} calls` }];
    const isWhole = !continues && pieces === undefined;
    const place = this.#begun++;
    const begun: ChatEvent = {
      type: "tool_call",
      index: this.#index,
      call: place,
      id: nonEmpty(call["id"]) ?? this.#madeId(place),
      name,
      arguments: isWhole ? JSON.stringify(isObject(call["args"]) ? call["args"] : {}) : "",
      ...(opaque !== undefined && { opaque: [opaque] }),
    };
    if (isWhole) return [...before, begun];
    this.#open = { place, args: new PartialArguments() };
    return [...before, begun, ...this.#more(pieces ?? [], continues)];
  }

  /** The arguments of a call whose pieces have all come. */
  finish(): readonly ChatEvent[] {
    if (this.#open === undefined) return [];
    const { place, args } = this.#open;
    this.#open = undefined;
    const events: ChatEvent[] = [];
    if (args.skipped > 0)
      events.push({ type: "skipped", reason: `${args.skipped} pieces of arguments without a place` });
    events.push({ type: "tool_call", index: this.#index, call: place, arguments: args.text() });
    return events;
  }

  #more(pieces: readonly unknown[], continues: boolean): readonly ChatEvent[] {
    if (this.#open === undefined) {
      return pieces.length === 0 ? [] : [{ type: "skipped", reason: "arguments of no call" }];
    }
    for (const piece of pieces) this.#open.args.add(piece);
    return continues ? [] : this.finish();
  }

  /** Unlike any other of the conversation, so that its result can be told to be this one's. */
  #madeId(place: number): string {
    const stem = (this.#answerId() ?? "").replaceAll(/[^\w-]/g, "").slice(0, ID_STEM_CHARS_MAX);
    const own = stem === "" ? "" : `${stem}_`;
    return `${MADE_ID_PREFIX}${own}${this.#index}_${place}`;
  }
}
