import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { StreamDecoder } from "../../core/dialect.ts";
import { FaultError } from "../../core/fault.ts";
import { Readable } from "../readable.ts";
import { Blocks } from "./blocks.ts";
import { faultOfException } from "./fault.ts";
import { type Ending, endingOf } from "./finish.ts";
import { ERROR_EVENT } from "./framing.ts";
import { readUsage, usageProblem } from "./usage.ts";

const NO_EVENTS: readonly ChatEvent[] = [];

/**
 * Decodes the events of one stream. There is no terminal mark: usage may come before the stop or after it, and the
 * stream ends with its bytes.
 */
export class BedrockStreamDecoder implements StreamDecoder {
  readonly #blocks = new Blocks();
  readonly #readable = new Readable();
  #finished = false;
  chunk: JsonObject | undefined;

  push(data: string, eventName: string | undefined): readonly ChatEvent[] {
    this.chunk = undefined;
    if (eventName === ERROR_EVENT || /Exception$/i.test(eventName ?? "")) {
      throw faultOfException(eventName ?? "", data);
    }
    const event = parse(data);
    if (!isObject(event)) {
      return this.#readable.note([skipped(`event is not a JSON object (${data.length} characters)`)]);
    }
    this.chunk = event;
    const number = Number(event["contentBlockIndex"] ?? 0);
    switch (eventName) {
      case "messageStart":
        return NO_EVENTS;
      case "contentBlockStart":
        return this.#readable.note(this.#blocks.start(number, event["start"]));
      case "contentBlockDelta":
        return this.#readable.note(this.#blocks.delta(number, event["delta"]));
      case "contentBlockStop":
        return this.#readable.note(this.#blocks.stop(number));
      case "messageStop":
        return this.#stop(endingOf(event["stopReason"], event["additionalModelResponseFields"]));
      case "metadata":
        return usageEvents(event["usage"]);
      default:
        return [skipped(`event of an unknown type ${(eventName ?? "none").slice(0, 60)}`)];
    }
  }

  #stop(ending: Ending | undefined): readonly ChatEvent[] {
    if (this.#finished) return NO_EVENTS;
    if (ending === undefined) return [skipped("a stop without a reason")];
    this.#finished = true;
    const rest = this.#readable.note(this.#blocks.stopAll());
    this.#readable.demand();
    return [...rest, ...endEvents(ending, this.#blocks.isEmpty)];
  }
}

/** What an end tells. Throws FaultError for an answer that failed before it said anything. */
export function endEvents({ reason, detail, known }: Ending, isEmpty: boolean): readonly ChatEvent[] {
  // A call that the model garbled, mostly: another try or another backend may well do better.
  if (reason === "error" && isEmpty) {
    const said = `the answer ended with ${detail?.reason ?? ""} and no content`;
    throw new FaultError({ class: "server_error", reason: said });
  }
  const finish: ChatEvent = { type: "finish", index: 0, reason, ...(detail !== undefined && { detail }) };
  return known ? [finish] : [skipped(`unknown stop reason ${detail?.reason ?? ""} taken as "error"`), finish];
}

/** What a report of usage tells. */
export function usageEvents(wire: unknown): readonly ChatEvent[] {
  const usage = readUsage(wire);
  if (usage !== undefined) return [{ type: "usage", usage }];
  const problem = usageProblem(wire);
  return problem === undefined ? NO_EVENTS : [skipped(problem)];
}

function skipped(reason: string): ChatEvent {
  return { type: "skipped", reason };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
