import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatEvent } from "../../core/chat.ts";
import type { StreamDecoder } from "../../core/dialect.ts";
import { faultOfErrorObject } from "../openai-chat/fault.ts";
import { Readable } from "../readable.ts";
import { UnknownKinds } from "../unknown-kinds.ts";
import { OutputReader } from "./output-reader.ts";
import { endOf, ITEMS_MAX, upstreamIdOf } from "./response.ts";

const NO_EVENTS: readonly ChatEvent[] = [];

/** Events that repeat what others tell, or only mark where it begins. */
const ECHOES: ReadonlySet<string> = new Set([
  "keepalive",
  "response.content_part.added",
  "response.content_part.done",
  "response.output_text.done",
  "response.refusal.done",
  "response.reasoning_summary_part.added",
  "response.reasoning_summary_part.done",
  "response.reasoning_summary_text.done",
  "response.reasoning_text.done",
]);
/** Events of calls, as `response.web_search_call.searching`: their items tell the same once they are over. */
const OF_CALLS = /^response\.(\w+_call(_\w+)?|mcp_list_tools)\.[\w.]+$/;

/**
 * Decodes the events of one stream. Those of the provider's own tools say nothing by themselves: their items are told
 * whole, once they are over.
 */
export class ResponsesStreamDecoder implements StreamDecoder {
  readonly #output = new OutputReader();
  readonly #readable = new Readable();
  readonly #unknown = new UnknownKinds();
  #ended = false;
  #idTold = false;
  chunk: JsonObject | undefined;

  push(data: string, eventName: string | undefined): readonly ChatEvent[] {
    if (this.#ended) return NO_EVENTS;
    this.chunk = undefined;
    const event = parsed(data);
    if (!isObject(event)) {
      // A mark of another format, which some servers send behind the last event: by itself it ends nothing.
      if (data.trim() === "[DONE]") return NO_EVENTS;
      if (eventName === "error") throw faultOfErrorObject(data);
      const reason = `event is not a JSON object (${data.length} characters)`;
      return this.#readable.note([{ type: "skipped", reason }]);
    }
    const type = event["type"] ?? eventName;
    if (type === "error" || (type === undefined && event["error"] != null)) {
      throw faultOfErrorObject(isObject(event["error"]) ? event["error"] : event);
    }
    this.chunk = event;
    return typeof type === "string"
      ? this.#readable.note(this.#read(type, event))
      : [{ type: "skipped", reason: "event without a type" }];
  }

  #read(type: string, event: JsonObject): readonly ChatEvent[] {
    const index = numberOf(event["output_index"]);
    const part = numberOf(event["content_index"]);
    const delta = event["delta"];
    switch (type) {
      case "response.output_text.delta":
        return this.#output.piece("text", index, `text ${part}`, delta, event["logprobs"]);
      case "response.refusal.delta":
        return this.#output.piece("refusal", index, `refusal ${part}`, delta);
      case "response.reasoning_summary_text.delta":
        return this.#output.piece("reasoning", index, `summary ${numberOf(event["summary_index"])}`, delta);
      case "response.reasoning_text.delta":
        return this.#output.piece("reasoning", index, `content ${part}`, delta);
      case "response.function_call_arguments.delta":
        return this.#output.argumentsPiece(index, delta);
      case "response.output_text.annotation.added":
        return this.#output.annotation(index, part, event["annotation"]);
      case "response.output_item.added":
        return isObject(event["item"]) ? this.#output.begin(index, event["item"]) : [noItem(type)];
      case "response.output_item.done":
        return isObject(event["item"]) ? this.#output.end(index, event["item"]) : [noItem(type)];
      case "response.created":
      case "response.in_progress":
      case "response.queued":
        return this.#tellId(event["response"]);
      case "response.completed":
      case "response.incomplete":
        return this.#end(event["response"]);
      case "response.failed":
        throw faultOfErrorObject(failureOf(event["response"]));
      default:
        if (ECHOES.has(type) || OF_CALLS.test(type)) return NO_EVENTS;
        return type.startsWith("response.")
          ? this.#unknown.note("event", type)
          : [{ type: "skipped", reason: `event of type ${JSON.stringify(type.slice(0, 60))}` }];
    }
  }

  #tellId(response: unknown): readonly ChatEvent[] {
    const id = !this.#idTold && isObject(response) ? upstreamIdOf(response) : undefined;
    if (id === undefined) return NO_EVENTS;
    this.#idTold = true;
    return [{ type: "upstream_id", id }];
  }

  #end(response: unknown): readonly ChatEvent[] {
    if (!isObject(response)) return [{ type: "skipped", reason: "the last event has no response" }];
    this.#ended = true;
    return [...this.#tellId(response), ...endOf(response, this.#output, this.#readable), { type: "end" }];
  }
}

/** Places among items and parts: a number nobody can believe is the first. */
function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < ITEMS_MAX ? value : 0;
}

function noItem(type: string): ChatEvent {
  return { type: "skipped", reason: `${type} without an item` };
}

function failureOf(response: unknown): unknown {
  const error = isObject(response) ? response["error"] : undefined;
  return isObject(error) ? error : { message: "the answer failed without an error" };
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // The caller notes the event as skipped; a cut stream shows by its missing last event.
    return undefined;
  }
}
