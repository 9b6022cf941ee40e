import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { StreamDecoder } from "../../core/dialect.ts";
import { nonEmpty } from "../text.ts";
import { Candidate } from "./candidate.ts";
import { blockedPrompt, errorIn, faultOfErrorObject } from "./fault.ts";
import { readUsage, usageProblem } from "./usage.ts";

const UPSTREAM_ID_CHARS_MAX = 200;
const CANDIDATES_MAX = 128;

/**
 * Decodes the chunks of one answer; a whole answer is one chunk. There is no terminal mark: a candidate ends with
 * its finish reason, the stream with its bytes. Usage comes with every chunk, each the sum so far.
 */
export class GeminiStreamDecoder implements StreamDecoder {
  readonly #candidates = new Map<number, Candidate>();
  #id: string | undefined;
  #usageProblemTold = false;
  #missesEvents = false;
  chunk: JsonObject | undefined;

  push(data: string): readonly ChatEvent[] {
    this.chunk = undefined;
    const parsed = parse(data);
    const error = errorIn(parsed);
    if (error !== undefined) throw faultOfErrorObject(error);
    if (!isObject(parsed)) {
      this.#missesEvents = true;
      return [{ type: "skipped", reason: `event is not a JSON object (${data.length} characters)` }];
    }
    this.chunk = parsed;
    return this.read(parsed);
  }

  /** Events of one chunk. Throws FaultError for a prompt that was refused, and for an answer that failed. */
  read(chunk: JsonObject): readonly ChatEvent[] {
    const events: ChatEvent[] = [];
    const id = nonEmpty(chunk["responseId"])?.slice(0, UPSTREAM_ID_CHARS_MAX);
    if (id !== undefined && this.#id === undefined) {
      this.#id = id;
      events.push({ type: "upstream_id", id });
    }
    const candidates = isList(chunk["candidates"]) ? chunk["candidates"] : [];
    for (const [place, wire] of candidates.entries()) {
      if (isObject(wire)) {
        events.push(...this.#candidate(wire["index"], place).read(wire, this.#missesEvents));
      } else events.push({ type: "skipped", reason: "candidate is not an object" });
    }
    const blocked = candidates.length === 0 ? blockedPrompt(chunk["promptFeedback"]) : undefined;
    if (blocked !== undefined) throw blocked;
    this.#readUsage(chunk["usageMetadata"], events);
    if (candidates.length === 0 && chunk["usageMetadata"] === undefined) {
      events.push({ type: "skipped", reason: "event has neither candidates nor usage" });
    }
    return events;
  }

  #readUsage(wire: unknown, events: ChatEvent[]): void {
    const usage = readUsage(wire);
    if (usage !== undefined) events.push({ type: "usage", usage });
    // Once: an upstream that reports nonsense does so with every chunk.
    const problem = this.#usageProblemTold ? undefined : usageProblem(wire);
    if (problem === undefined) return;
    this.#usageProblemTold = true;
    events.push({ type: "skipped", reason: problem });
  }

  /** The first candidate has no number: zeros are left out. */
  #candidate(number: unknown, place: number): Candidate {
    const isNumber = typeof number === "number" && Number.isInteger(number) && number >= 0;
    const index = Math.min(isNumber ? number : place, CANDIDATES_MAX - 1);
    const known = this.#candidates.get(index);
    if (known !== undefined) return known;
    const candidate = new Candidate(index, () => this.#id);
    this.#candidates.set(index, candidate);
    return candidate;
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // Noted as skipped; a cut stream shows by its missing finish reason.
    return undefined;
  }
}
