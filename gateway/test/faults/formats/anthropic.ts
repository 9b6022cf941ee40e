import { sseEvent } from "../../../src/base/sse.ts";
import type { FormatMaterial, Refusal } from "./material.ts";

const USAGE = { input_tokens: 9, output_tokens: 4 };
const MESSAGE = { id: "msg_up", type: "message", role: "assistant", model: "claude", stop_sequence: null };

interface Event {
  readonly type: string;
  readonly [member: string]: unknown;
}

const EVENTS: readonly Event[] = [
  { type: "message_start", message: { ...MESSAGE, content: [], stop_reason: null, usage: USAGE } },
  { type: "ping" },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "aqua" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "bolt" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: USAGE },
  { type: "message_stop" },
];

function framed(event: Event): string {
  return sseEvent(JSON.stringify(event), event.type);
}

function error(type: string, message: string): Event {
  return { type: "error", error: { type, message }, request_id: "req_up" };
}

function refusal(status: number, type: string, message: string, headers: Refusal["headers"] = {}): Refusal {
  return { status, body: JSON.stringify(error(type, message)), headers };
}

const INVALID = "invalid_request_error";

/** Anthropic's messages. */
export const anthropicMaterial: FormatMaterial = {
  dialect: "anthropic-messages",
  label: "Anthropic's messages",
  provider: { type: "anthropic" },
  apiKey: "fake-anthropic-credential",
  basePath: "",
  isStream: (_target, body) => body.includes(`"stream":true`),
  text: "aquabolt",
  whole: JSON.stringify({
    ...MESSAGE,
    content: [{ type: "text", text: "aquabolt" }],
    stop_reason: "end_turn",
    usage: USAGE,
  }),
  streamType: "text/event-stream; charset=utf-8",
  events: EVENTS.map(framed),
  firstContent: 4,
  end: 6,
  errors: {
    "refuses-key": refusal(401, "authentication_error", "invalid x-api-key"),
    forbids: refusal(403, "permission_error", "Your key may not do this."),
    "knows-no-model": refusal(404, "not_found_error", "model: claude"),
    "bad-request": refusal(400, INVALID, "messages.0.content: text content blocks must be non-empty"),
    "too-long": refusal(400, INVALID, "prompt is too long: 210000 tokens > 200000 maximum"),
    filtered: refusal(400, INVALID, "Output blocked by content filtering policy"),
    "rate-limited": refusal(429, "rate_limit_error", "Too many requests.", { "retry-after": "7" }),
    broken: refusal(500, "api_error", "Internal server error"),
    overloaded: refusal(529, "overloaded_error", "Overloaded"),
    late: refusal(504, "timeout_error", "The request timed out."),
  },
  errorEvent: framed(error("overloaded_error", "Overloaded")),
  errorInside: JSON.stringify(error("overloaded_error", "Overloaded")),
  strayEvent: sseEvent("{oops", "content_block_delta"),
};
