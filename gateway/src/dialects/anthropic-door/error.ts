import { ERRORS, type ErrorCode } from "../../errors.ts";

/** An error as Anthropic's API tells it. */
export interface AnthropicError {
  readonly type: string;
  readonly message: string;
}

interface ErrorWords {
  readonly type: string;
  /** Where it differs from the error table. */
  readonly status?: number;
  /** What programs look for in the sentence. */
  readonly prefix?: string;
}

const OVERLOADED = 529;
const CONFLICT = 409;
const TOO_MANY = 429;
const SERVER_ERROR = 500;

/** The errors for which Anthropic has words of its own, which programs written for it look for. */
const WORDS: Readonly<Partial<Record<ErrorCode, ErrorWords>>> = {
  VALIDATION_ERROR: { type: "invalid_request_error", status: 400 },
  // Agents shorten their conversation when they read this.
  CONTEXT_LENGTH_EXCEEDED: { type: "invalid_request_error", status: 400, prefix: "prompt is too long: " },
  CONTENT_FILTERED: { type: "invalid_request_error", status: 400 },
  PAYLOAD_TOO_LARGE: { type: "request_too_large" },
  BUDGET_EXCEEDED: { type: "billing_error", status: 402 },
  QUOTA_EXCEEDED: { type: "billing_error", status: 402 },
  BACKEND_TIMEOUT: { type: "timeout_error" },
  MODEL_UNAVAILABLE: { type: "overloaded_error", status: OVERLOADED },
  OVERLOADED: { type: "overloaded_error", status: OVERLOADED },
  SHUTTING_DOWN: { type: "overloaded_error", status: OVERLOADED },
};

const TYPE_BY_STATUS: ReadonlyMap<number, string> = new Map([
  [401, "authentication_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [TOO_MANY, "rate_limit_error"],
]);

/** The HTTP status Anthropic's clients expect. */
export function anthropicStatus(code: ErrorCode): number {
  return WORDS[code]?.status ?? ERRORS[code].status;
}

/** The error object of an answer or of a stream. */
export function anthropicError(code: ErrorCode, message: string): AnthropicError {
  const words = WORDS[code];
  const status = anthropicStatus(code);
  const byStatus =
    TYPE_BY_STATUS.get(status) ?? (status >= SERVER_ERROR ? "api_error" : "invalid_request_error");
  return { type: words?.type ?? byStatus, message: (words?.prefix ?? "") + message };
}

/** Whether Anthropic's clients would ask again, to no avail, unless the header `x-should-retry` forbids it. */
export function isVainRetry(code: ErrorCode): boolean {
  const status = anthropicStatus(code);
  return (
    ERRORS[code].retry === "no" && (status === CONFLICT || status === TOO_MANY || status >= SERVER_ERROR)
  );
}
