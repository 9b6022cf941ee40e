import { sseBytes, sseEvent } from "../../src/base/sse.ts";
import type { ErrorKind, NativeFormat, Reported } from "./native-formats.ts";

const MESSAGE = { id: "msg_1", type: "message", role: "assistant", model: "claude", stop_sequence: null };

const ERRORS: Readonly<Record<ErrorKind, readonly [number, string, string]>> = {
  refused: [400, "invalid_request_error", "messages.0.content: text content blocks must be non-empty"],
  "too-long": [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"],
  filtered: [400, "invalid_request_error", "Output blocked by content filtering policy"],
  stranger: [401, "authentication_error", "invalid x-api-key"],
  forbidden: [403, "permission_error", "Your key may not do this."],
  "no-model": [404, "not_found_error", "model: claude"],
  limited: [429, "rate_limit_error", "Too many requests."],
  failing: [500, "api_error", "Internal server error"],
  away: [529, "overloaded_error", "Overloaded"],
  late: [504, "timeout_error", "The request timed out."],
};

function errorOf(kind: ErrorKind): object {
  const [, type, message] = ERRORS[kind];
  return { type: "error", error: { type, message }, request_id: "req_up" };
}

function usageOf(usage: Reported): object {
  if (usage === "none") return {};
  return { usage: { input_tokens: 3, output_tokens: usage === "right" ? 2 : -5 } };
}

function framed(event: unknown): string {
  if (typeof event === "string") return sseEvent(event, "content_block_delta");
  const type =
    typeof event === "object" && event !== null && "type" in event ? String(event.type) : undefined;
  return sseEvent(JSON.stringify(event), type);
}

/** Anthropic's messages. */
export const anthropicFormat: NativeFormat = {
  name: "anthropic-messages",
  provider: { type: "anthropic" },
  streamType: "text/event-stream; charset=utf-8",
  frame: (events) => sseBytes(events.map(framed).join("")),
  begin: [
    // Without a usage, which some servers that speak this format leave out.
    { type: "message_start", message: { ...MESSAGE, content: [], stop_reason: null } },
    { type: "ping" },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  ],
  text: (text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
  end: (stop_reason, usage) =>
    stop_reason === undefined
      ? []
      : [
          { type: "content_block_stop", index: 0 },
          { type: "message_delta", delta: { stop_reason, stop_sequence: null }, ...usageOf(usage) },
          { type: "message_stop" },
        ],
  marks: 1,
  whole: (text, reason, usage) => ({
    ...MESSAGE,
    content: [{ type: "text", text }],
    stop_reason: reason ?? null,
    ...usageOf(usage),
  }),
  reasons: { stop: "end_turn", odd: "phase_of_moon" },
  error: (kind) => ({ status: ERRORS[kind][0], headers: "", body: errorOf(kind) }),
  errorInstead: errorOf,
  errorEvent: errorOf,
};
