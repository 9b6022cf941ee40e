import type { ErrorFace } from "../../core/dialect.ts";
import { ERRORS, type ErrorCode } from "../../errors.ts";

/** An error as OpenAI's API tells it. */
export interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

interface ErrorWords {
  readonly type: string;
  readonly code: string;
  /** Where it differs from the error table. */
  readonly status?: number;
  readonly param?: string;
}

const BAD_REQUEST = 400;
const SERVER_ERROR = 500;
const TOO_MANY = 429;
const CONFLICT = 409;

/**
 * The errors for which OpenAI has words of its own, which programs written for it look for. Everything else keeps
 * its code, in small letters.
 */
const WORDS: Readonly<Partial<Record<ErrorCode, ErrorWords>>> = {
  AUTH_TOKEN_MISSING: { type: "invalid_request_error", code: "invalid_api_key" },
  AUTH_TOKEN_INVALID: { type: "invalid_request_error", code: "invalid_api_key" },
  VALIDATION_ERROR: { type: "invalid_request_error", code: "invalid_value", status: BAD_REQUEST },
  CONTEXT_LENGTH_EXCEEDED: {
    type: "invalid_request_error",
    code: "context_length_exceeded",
    status: BAD_REQUEST,
    param: "messages",
  },
  CONTENT_FILTERED: { type: "invalid_request_error", code: "content_filter", status: BAD_REQUEST },
  MODEL_NOT_FOUND: { type: "invalid_request_error", code: "model_not_found", param: "model" },
  RATE_LIMITED: { type: "requests", code: "rate_limit_exceeded" },
  BUDGET_RESERVED: { type: "requests", code: "rate_limit_exceeded" },
  BACKEND_RATE_LIMITED: { type: "requests", code: "rate_limit_exceeded" },
  BUDGET_EXCEEDED: { type: "insufficient_quota", code: "insufficient_quota" },
  QUOTA_EXCEEDED: { type: "insufficient_quota", code: "insufficient_quota" },
};

/** The HTTP status OpenAI's clients expect: what is wrong with a request is 400 there. */
export function openAiStatus(code: ErrorCode): number {
  return WORDS[code]?.status ?? ERRORS[code].status;
}

/** The error object of an answer or of a stream. `param` is the field at fault, where one is. */
export function openAiError(code: ErrorCode, message: string, param?: string): OpenAiError {
  const words = WORDS[code];
  return {
    message,
    type: words?.type ?? (openAiStatus(code) >= SERVER_ERROR ? "server_error" : "invalid_request_error"),
    param: param ?? words?.param ?? null,
    code: words?.code ?? code.toLowerCase(),
  };
}

/** The error object that ends a stream. */
export function openAiErrorOf({ code, message }: ErrorFace): OpenAiError {
  return openAiError(isErrorCode(code) ? code : "INTERNAL_ERROR", message);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/**
 * Whether OpenAI's clients would ask again, to no avail: they repeat every 409, 429 and 5xx unless the header
 * `x-should-retry` forbids it.
 */
export function isVainRetry(code: ErrorCode): boolean {
  const { status, retry } = ERRORS[code];
  return retry === "no" && (status === CONFLICT || status === TOO_MANY || status >= SERVER_ERROR);
}
