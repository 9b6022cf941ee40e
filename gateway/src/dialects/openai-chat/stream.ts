import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { StreamDecoder } from "../../core/dialect.ts";
import { DONE } from "../chat-completions/delta.ts";
import { usageProblem } from "../chat-completions/usage.ts";
import { shapeFault } from "../http/fault-words.ts";
import { UNREADABLE } from "../readable.ts";
import { nonEmpty } from "../text.ts";
import { readContent } from "./content.ts";
import { CitedInStream } from "./extra.ts";
import { faultOfErrorObject } from "./fault.ts";
import { mapFinishReason, unknownFinishNote } from "./finish.ts";
import { choiceIndex, errorIn, upstreamIdOf, usageIn } from "./response.ts";
import { ToolCallPieces } from "./tool-calls.ts";

const NO_EVENTS: readonly ChatEvent[] = [];
const END: readonly ChatEvent[] = [{ type: "end" }];

interface ChoiceState {
  finished: boolean;
  readonly calls: ToolCallPieces;
}

/**
 * Decodes the chunks of one stream. Whatever says nothing (null deltas, empty choices, roles) gives no event;
 * what cannot be read gives `skipped`. Usage may come more than once: each replaces the one before.
 */
export class OpenAiChatStreamDecoder implements StreamDecoder {
  readonly #choices = new Map<number, ChoiceState>();
  readonly #cited = new CitedInStream();
  #ended = false;
  #idTold = false;
  #usageProblemTold = false;
  /** Whether anything was said, and whether anything could not be read. */
  #hasSaid = false;
  #hasUnread = false;
  chunk: JsonObject | undefined;

  push(data: string, eventName: string | undefined): readonly ChatEvent[] {
    if (this.#ended) return NO_EVENTS;
    this.chunk = undefined;
    if (data.length < 16 && data.trim() === DONE) {
      this.#ended = true;
      return END;
    }
    const chunk = parseChunk(data);
    if (eventName === "error") throw faultOfErrorObject(isObject(chunk) ? (errorIn(chunk) ?? chunk) : data);
    if (!isObject(chunk)) {
      this.#hasUnread = true;
      return [{ type: "skipped", reason: `event is not a JSON object (${data.length} characters)` }];
    }
    const error = errorIn(chunk);
    if (error !== undefined) throw faultOfErrorObject(error);
    this.chunk = chunk;
    return this.#readChunk(chunk);
  }

  #readChunk(chunk: JsonObject): readonly ChatEvent[] {
    const events: ChatEvent[] = [];
    if (!this.#idTold) {
      const id = upstreamIdOf(chunk["id"]);
      if (id !== undefined) {
        this.#idTold = true;
        events.push({ type: "upstream_id", id });
      }
    }
    // Before the choices: what comes after the reason for an end is told to nobody.
    this.#cited.ofChunk(chunk, events);
    const choices = chunk["choices"];
    if (isList(choices)) {
      for (let place = 0; place < choices.length; place++) this.#readChoice(choices[place], place, events);
    } else if (choices !== undefined && choices !== null) this.#unread("choices are not a list", events);
    const usage = usageIn(chunk);
    if (usage !== undefined) events.push({ type: "usage", usage });
    else if (chunk["usage"] !== undefined) this.#tellUsageProblem(chunk["usage"], events);
    else if (choices === undefined) {
      events.push({ type: "skipped", reason: "event has neither choices nor usage" });
    }
    return events;
  }

  /** Once: an upstream that reports nonsense does so with every chunk. */
  #tellUsageProblem(wire: unknown, events: ChatEvent[]): void {
    if (this.#usageProblemTold) return;
    const reason = usageProblem(wire);
    if (reason === undefined) return;
    this.#usageProblemTold = true;
    events.push({ type: "skipped", reason });
  }

  #readChoice(choice: unknown, place: number, events: ChatEvent[]): void {
    if (!isObject(choice)) {
      this.#unread("choice is not an object", events);
      return;
    }
    const error = errorIn(choice);
    if (error !== undefined) throw faultOfErrorObject(error);
    const index = choiceIndex(choice["index"]) ?? Math.min(place, 127);
    const delta = choice["delta"];
    if (isObject(delta)) this.#readDelta(delta, index, choice["logprobs"], events);
    else if (isObject(choice["message"])) this.#readMessage(choice, choice["message"], index, events);
    else if (nonEmpty(choice["text"]) !== undefined) {
      throw shapeFault("the upstream completes text where a chat was asked for");
    }
    this.#readFinish(choice["finish_reason"], index, events);
  }

  /** A whole message in place of a delta: the answer, where it comes with its end and nothing was said before. */
  #readMessage(choice: JsonObject, message: JsonObject, index: number, events: ChatEvent[]): void {
    const isAnswer = !this.#hasSaid && mapFinishReason(choice["finish_reason"]) !== undefined;
    if (isAnswer) this.#readDelta(message, index, choice["logprobs"], events);
    else this.#unread("choice with a message and no delta", events);
  }

  #unread(reason: string, events: ChatEvent[]): void {
    this.#hasUnread = true;
    events.push({ type: "skipped", reason });
  }

  #readDelta(delta: JsonObject, index: number, logprobs: unknown, events: ChatEvent[]): void {
    const hasLogprobs = logprobs !== undefined && logprobs !== null;
    const said = readContent(delta);
    // Some say "stop" with every chunk: what goes on after its end has to end again.
    const known = said.pieces.length > 0 ? this.#choices.get(index) : undefined;
    if (known !== undefined) known.finished = false;
    for (const piece of said.pieces) {
      const isLast = hasLogprobs && piece.type === "text" && piece === said.pieces.at(-1);
      const { type, text } = piece;
      events.push(isLast ? { type: "text", index, text, logprobs } : { type, index, text });
    }
    // Log probabilities of a token that has no text of its own (half a character) still belong to the answer.
    if (hasLogprobs && delta["content"] === "") events.push({ type: "text", index, text: "", logprobs });
    for (const reason of said.skipped) this.#unread(reason, events);
    this.#cited.ofDelta(delta, index, events);
    const refusal = nonEmpty(delta["refusal"]);
    if (refusal !== undefined) events.push({ type: "refusal", index, text: refusal });
    const calls = delta["tool_calls"];
    if (said.pieces.length > 0 || refusal !== undefined || isList(calls)) this.#hasSaid = true;
    if (isList(calls)) for (const call of calls) events.push(this.#choice(index).calls.piece(call));
    const legacy = delta["function_call"];
    if (isObject(legacy)) events.push(this.#choice(index).calls.piece({ index: 0, function: legacy }));
  }

  #readFinish(value: unknown, index: number, events: ChatEvent[]): void {
    const mapped = mapFinishReason(value);
    if (mapped === undefined) return;
    const choice = this.#choice(index);
    if (choice.finished) return;
    choice.finished = true;
    events.push(...choice.calls.finish());
    if (this.#hasUnread && !this.#hasSaid) throw shapeFault(UNREADABLE);
    if (!mapped.known) events.push({ type: "skipped", reason: unknownFinishNote(value) });
    events.push({ type: "finish", index, reason: mapped.reason });
  }

  #choice(index: number): ChoiceState {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const choice: ChoiceState = { finished: false, calls: new ToolCallPieces(index) };
    this.#choices.set(index, choice);
    return choice;
  }
}

function parseChunk(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // The caller notes the event as skipped; a cut stream shows by its missing finish reason.
    return undefined;
  }
}
