import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { StreamDecoder } from "../../core/dialect.ts";
import { FaultError } from "../../core/fault.ts";
import { Readable } from "../readable.ts";
import { UnknownKinds } from "../unknown-kinds.ts";
import { Blocks } from "./blocks.ts";
import { faultOfError } from "./fault.ts";
import { readStop, type Stop } from "./finish.ts";
import { idEvents, stopEvents, usageEvents } from "./response.ts";
import { isKnownBlock } from "./known-blocks.ts";
import { laterUsage } from "./usage.ts";
import { isBlock } from "./wire.ts";

const NO_EVENTS: readonly ChatEvent[] = [];

/**
 * Decodes the events of one stream. Pings say nothing; kinds of event, block and piece that this version does not know are
 * for the trace. The stop reason comes before the end; a stream that some servers cut short tells it with its beginning.
 */
export class AnthropicStreamDecoder implements StreamDecoder {
  readonly #unknown = new UnknownKinds();
  readonly #blocks = new Blocks(this.#unknown);
  readonly #readable = new Readable();
  #usage: JsonObject = {};
  #id: unknown;
  #begun = false;
  #stop: Stop | undefined;
  #finished = false;
  #ended = false;
  chunk: JsonObject | undefined;

  push(data: string, eventName: string | undefined): readonly ChatEvent[] {
    if (this.#ended) return NO_EVENTS;
    this.chunk = undefined;
    const event = parsed(data);
    if (eventName === "error") throw faultOfError(isObject(event) ? (event["error"] ?? event) : data);
    if (!isObject(event)) {
      const reason = `event is not a JSON object (${data.length} characters)`;
      return this.#readable.note([{ type: "skipped", reason }]);
    }
    if (event["type"] === "error") throw faultOfError(event["error"]);
    this.chunk = event;
    return this.#read(event);
  }

  #read(event: JsonObject): readonly ChatEvent[] {
    switch (event["type"]) {
      case "message_start":
        return this.#start(event["message"]);
      case "content_block_start":
        return this.#readable.note(this.#startBlock(numberOf(event["index"]), event["content_block"]));
      case "content_block_delta":
        return this.#readable.note(this.#blocks.delta(numberOf(event["index"]), event["delta"]));
      case "content_block_stop":
        return this.#readable.note(this.#blocks.stop(numberOf(event["index"])));
      case "message_delta":
        return this.#delta(event);
      case "message_stop":
        return this.#end();
      case "ping":
        return NO_EVENTS;
      default:
        return typeof event["type"] === "string"
          ? this.#unknown.note("event", event["type"])
          : [{ type: "skipped", reason: "event without a type" }];
    }
  }

  #startBlock(index: number, block: unknown): readonly ChatEvent[] {
    const said = this.#blocks.start(index, block);
    return isBlock(block) && !isKnownBlock(block.type)
      ? [...said, ...this.#unknown.note("block", block.type)]
      : said;
  }

  #start(message: unknown): readonly ChatEvent[] {
    if (!isObject(message)) return [{ type: "skipped", reason: "message_start without a message" }];
    if (this.#begun) return this.#startAgain(message);
    this.#begun = true;
    this.#id = message["id"];
    this.#usage = laterUsage(this.#usage, message["usage"]);
    this.#stop = readStop(message);
    const content = isList(message["content"]) ? message["content"] : [];
    const said = content.flatMap((block, i) => [...this.#blocks.start(i, block), ...this.#blocks.stop(i)]);
    return [...idEvents(message["id"]), ...this.#readable.note(said)];
  }

  /** The same beginning twice is harmless; another answer in the middle of one cannot be told from its rest. */
  #startAgain(message: JsonObject): readonly ChatEvent[] {
    if (message["id"] === this.#id && !this.#blocks.hasBegun) return NO_EVENTS;
    throw new FaultError({ class: "server_error", reason: "another message began in the middle of one" });
  }

  #delta(event: JsonObject): readonly ChatEvent[] {
    this.#usage = laterUsage(this.#usage, event["usage"]);
    const stop = isObject(event["delta"]) ? readStop(event["delta"]) : undefined;
    return stop === undefined
      ? usageEvents(this.#usage)
      : [...this.#finish(stop), ...usageEvents(this.#usage)];
  }

  #finish(stop: Stop): readonly ChatEvent[] {
    if (this.#finished) return NO_EVENTS;
    this.#finished = true;
    const rest = this.#readable.note(this.#blocks.stopAll());
    // A refusal that has no words of its own is told by the stop.
    if (stop.refusal === undefined) this.#readable.demand();
    return [...rest, ...stopEvents(stop)];
  }

  #end(): readonly ChatEvent[] {
    this.#ended = true;
    if (this.#finished || this.#stop === undefined) return [{ type: "end" }];
    return [...this.#finish(this.#stop), ...usageEvents(this.#usage), { type: "end" }];
  }
}

function numberOf(index: unknown): number {
  return typeof index === "number" ? index : -1;
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // The caller notes the event as skipped; a cut stream shows by its missing stop reason.
    return undefined;
  }
}
