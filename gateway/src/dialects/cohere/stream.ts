import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { StreamDecoder } from "../../core/dialect.ts";
import { Readable } from "../readable.ts";
import { faultOfEnd } from "./fault.ts";
import { finishEvents } from "./finish.ts";
import { MessageReader } from "./message-reader.ts";
import { upstreamIdEvents, usageEvents } from "./response.ts";

const NO_EVENTS: readonly ChatEvent[] = [];
/** Events that say nothing by themselves. */
const SILENT: ReadonlySet<unknown> = new Set(["content-end", "citation-end", "debug"]);

/** Kinds of content that are told. */
const READ: ReadonlySet<unknown> = new Set(["text", "thinking"]);

/** Decodes the events of one stream. */
export class CohereStreamDecoder implements StreamDecoder {
  readonly #message = new MessageReader();
  readonly #readable = new Readable();
  #ended = false;
  chunk: JsonObject | undefined;

  push(data: string, eventName: string | undefined): readonly ChatEvent[] {
    if (this.#ended) return NO_EVENTS;
    this.chunk = undefined;
    const event = parsed(data);
    if (!isObject(event)) {
      if (data.trim() === "[DONE]") return NO_EVENTS;
      if (eventName === "error") throw faultOfEnd("server_error", "error", data);
      return this.#readable.note([skipped(`event is not a JSON object (${data.length} characters)`)]);
    }
    this.chunk = event;
    const type = event["type"] ?? eventName;
    const delta = isObject(event["delta"]) ? event["delta"] : {};
    const message = isObject(delta["message"]) ? delta["message"] : {};
    if (type === "message-end") return this.#end(event, delta);
    if (type === "error" || (type === undefined && (event["error"] ?? event["message"]) !== undefined)) {
      throw faultOfEnd("server_error", "error", event["error"] ?? event);
    }
    return this.#readable.note(this.#read(type, event, message));
  }

  #read(type: unknown, event: JsonObject, message: JsonObject): readonly ChatEvent[] {
    const call = message["tool_calls"];
    switch (type) {
      case "message-start":
        return upstreamIdEvents(event);
      case "content-start":
      case "content-delta":
        return this.#content(message["content"] ?? {});
      case "tool-plan-delta":
        return this.#message.plan(message["tool_plan"]);
      case "tool-call-start":
        return this.#message.beginCall(call);
      case "tool-call-delta":
        return this.#message.argumentsPiece(argumentsIn(call));
      case "tool-call-end":
        return this.#message.endCall();
      case "citation-start":
        return this.#message.citations(message["citations"]);
      default:
        if (SILENT.has(type)) return NO_EVENTS;
        return [skipped(`event of type ${nameOf(type)}`)];
    }
  }

  #content(content: unknown): readonly ChatEvent[] {
    if (!isObject(content)) return this.#message.text(content);
    const { type, thinking, text } = content;
    if (type !== undefined && !READ.has(type)) return [skipped(`content of type ${nameOf(type)}`)];
    return [...this.#message.thinking(thinking), ...this.#message.text(text)];
  }

  #end(event: JsonObject, delta: JsonObject): readonly ChatEvent[] {
    const finish = finishEvents(delta["finish_reason"], delta["error"]);
    this.#ended = true;
    this.#readable.demand();
    const usage = usageEvents(delta["usage"]);
    return [...upstreamIdEvents(event), ...this.#message.seal(), ...usage, ...finish, { type: "end" }];
  }
}

function skipped(reason: string): ChatEvent {
  return { type: "skipped", reason };
}

function nameOf(type: unknown): string {
  return (JSON.stringify(type) ?? "none").slice(0, 60);
}

function argumentsIn(call: unknown): unknown {
  const fn = isObject(call) ? call["function"] : undefined;
  return isObject(fn) ? fn["arguments"] : undefined;
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // The caller notes the event as skipped; a cut stream shows by its missing last event.
    return undefined;
  }
}
