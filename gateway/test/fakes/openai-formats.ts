import { sseBytes, sseEvent } from "../../src/base/sse.ts";
import type { ErrorKind, NativeFormat, Reported } from "./native-formats.ts";

function frame(events: readonly unknown[]): Uint8Array {
  return sseBytes(
    events.map((one) => sseEvent(typeof one === "string" ? one : JSON.stringify(one))).join(""),
  );
}

const ERRORS: Readonly<Record<ErrorKind, readonly [number, string, string]>> = {
  refused: [400, "invalid_value", "Invalid value."],
  "too-long": [400, "context_length_exceeded", "Your input exceeds the context window of this model."],
  filtered: [400, "content_policy_violation", "The request was refused by the safety system."],
  stranger: [401, "invalid_api_key", "Incorrect API key provided."],
  forbidden: [403, "insufficient_permissions", "You have insufficient permissions for this operation."],
  "no-model": [404, "model_not_found", "The model does not exist or you do not have access to it."],
  limited: [429, "rate_limit_exceeded", "Rate limit reached."],
  failing: [500, "server_error", "The server had an error."],
  away: [503, "server_error", "The engine is overloaded."],
  late: [504, "timeout", "The request timed out."],
};

function openAiError(kind: ErrorKind): object {
  const [, code, message] = ERRORS[kind];
  return { error: { message, type: "error", param: null, code } };
}

function responseUsage(usage: Reported): object {
  if (usage === "none") return {};
  return { usage: { input_tokens: 3, output_tokens: usage === "right" ? 2 : -5, total_tokens: 5 } };
}

/** A response with one message; a reason other than to stop makes it incomplete. */
function response(words: string, reason: string | undefined, usage: Reported): object {
  const content = [{ type: "output_text", text: words, annotations: [] }];
  const message = { id: "msg_1", type: "message", role: "assistant", status: "completed", content };
  const status =
    reason === undefined || reason === "completed"
      ? { ...(reason !== undefined && { status: reason }) }
      : { status: "incomplete", incomplete_details: { reason } };
  const output = words === "" ? [] : [message];
  return { id: "resp_1", object: "response", error: null, output, ...status, ...responseUsage(usage) };
}

/** OpenAI's Responses API. */
export const responsesFormat: NativeFormat = {
  name: "openai-responses",
  provider: { type: "custom" },
  backend: { dialect: "openai-responses" },
  streamType: "text/event-stream",
  frame,
  text: (delta) => ({
    type: "response.output_text.delta",
    sequence_number: 1,
    output_index: 0,
    content_index: 0,
    delta,
  }),
  end: (reason, usage) =>
    reason === undefined
      ? []
      : [
          {
            type: reason === "completed" ? "response.completed" : "response.incomplete",
            response: response("", reason, usage),
          },
        ],
  whole: response,
  reasons: { stop: "completed", odd: "phase_of_moon" },
  error: (kind) => ({ status: ERRORS[kind][0], headers: "", body: openAiError(kind) }),
  errorInstead: openAiError,
  errorEvent: (kind) => ({ type: "error", ...openAiError(kind) }),
};

const COHERE_ERRORS: Readonly<Record<ErrorKind, readonly [number, string]>> = {
  refused: [400, "invalid request: the temperature is not right"],
  "too-long": [400, "too many tokens: the prompt has 9 and the limit is 8"],
  filtered: [400, "blocked"],
  stranger: [401, "invalid api token"],
  forbidden: [403, "your api key may not use this"],
  "no-model": [404, "model 'command' not found"],
  limited: [429, "you are past the rate limit"],
  failing: [500, "internal server error"],
  away: [503, "the service is overloaded"],
  late: [504, "the request timed out"],
};

function billed(usage: Reported): object {
  if (usage === "none") return {};
  return {
    usage: { billed_units: { input_tokens: 3, output_tokens: usage === "right" ? 2 : -5 } },
  };
}

/** What an answer ends with that fails in its own way. */
const FAILED: Readonly<Partial<Record<ErrorKind, string>>> = { limited: "ERROR_LIMIT", failing: "ERROR" };

/** Cohere's chat, version 2. */
export const cohereFormat: NativeFormat = {
  name: "cohere",
  provider: { type: "cohere" },
  streamType: "text/event-stream",
  // What its filter stops has begun to be an answer.
  unsaid: ["filtered"],
  frame,
  text: (text) => ({ type: "content-delta", index: 0, delta: { message: { content: { text } } } }),
  end: (reason, usage) => [
    {
      type: "message-end",
      delta: { ...(reason !== undefined && { finish_reason: reason }), ...billed(usage) },
    },
  ],
  whole: (text, reason, usage) => ({
    id: "r1",
    message: { role: "assistant", content: [{ type: "text", text }] },
    ...(reason !== undefined && { finish_reason: reason }),
    ...billed(usage),
  }),
  reasons: { stop: "COMPLETE", odd: "PHASE_OF_MOON" },
  error(kind) {
    const [status, message] = COHERE_ERRORS[kind];
    return { status, headers: "", body: { id: "e1", message } };
  },
  errorInstead: (kind) => ({ id: "r1", finish_reason: FAILED[kind], error: COHERE_ERRORS[kind][1] }),
  errorEvent: (kind) => ({
    type: "message-end",
    delta: { finish_reason: FAILED[kind], error: COHERE_ERRORS[kind][1] },
  }),
};
