import type { Fault } from "../../core/fault.ts";
import type { Simulation, SimulatedError } from "./simulation.ts";
import type { WireError } from "./wire.ts";

/** The sandbox's context window, in tokens. */
export const CONTEXT_WINDOW_TOKENS = 256_000;

/** A faked failure: an HTTP answer, or a fault of the transport itself. */
export type Failure =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly error: WireError;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "garbage"; readonly body: string }
  | { readonly kind: "fault"; readonly fault: Fault };

const RETRY_AFTER_DEFAULT_SECONDS = 1;

/** What OpenAI says of a prompt that is too long. */
export function contextLengthError(tokens: number): WireError {
  return {
    message:
      `This model's maximum context length is ${CONTEXT_WINDOW_TOKENS} tokens. However, your messages resulted ` +
      `in ${tokens} tokens. Please reduce the length of the messages.`,
    type: "invalid_request_error",
    param: "messages",
    code: "context_length_exceeded",
  };
}

/** How the sandbox plays each error. */
export function failureFor(code: SimulatedError, simulation: Simulation): Failure {
  const retryAfterSeconds = simulation.retryAfterSeconds ?? RETRY_AFTER_DEFAULT_SECONDS;
  switch (code) {
    case "BACKEND_RATE_LIMITED":
      return {
        kind: "answer",
        status: 429,
        error: wireError("Rate limit reached (simulated).", "requests", "rate_limit_exceeded"),
        headers: { "retry-after": String(retryAfterSeconds) },
      };
    case "BACKEND_ERROR":
      return {
        kind: "answer",
        status: 500,
        error: wireError("The server had an error (simulated).", "server_error"),
      };
    case "CONTENT_FILTERED":
      return {
        kind: "answer",
        status: 400,
        error: wireError(
          "The prompt was refused by the content filter (simulated).",
          "invalid_request_error",
          "content_filter",
        ),
      };
    case "CONTEXT_LENGTH_EXCEEDED":
      return { kind: "answer", status: 400, error: contextLengthError(CONTEXT_WINDOW_TOKENS + 1) };
    case "UPSTREAM_SHAPE_MISMATCH":
      return { kind: "garbage", body: "<html><body>This is not an answer (simulated).</body></html>" };
    case "BACKEND_TIMEOUT":
      return { kind: "fault", fault: { class: "timeout", reason: "simulated timeout", simulated: true } };
    case "MODEL_UNAVAILABLE":
      return {
        kind: "fault",
        fault: { class: "unavailable", reason: "simulated outage", retryAfterSeconds, simulated: true },
      };
  }
}

function wireError(message: string, type: string, code: string | null = null): WireError {
  return { message, type, param: null, code };
}
