import { ERRORS, type ErrorCode, type ErrorDetail } from "../../errors.ts";

const REQUEST_ID = "req_01JZX3K9QFT4M7W2N8C5D6E0AB";

/** What a caller may do about an error, by the table's word for it. */
export const RETRY_ADVICE: Readonly<Record<(typeof ERRORS)[ErrorCode]["retry"], string>> = {
  no: "No. The same request fails again until something changes.",
  yes: "Yes. Wait for `retry_after` seconds where it is given, otherwise use exponential backoff with jitter.",
  "once or twice": "Once or twice, with a pause. If it still fails, something is broken.",
  sometimes: "Where `retry_after` is given, after that many seconds; otherwise it needs an operator.",
  "after refresh": "After signing in again.",
  later: "Where `retry_after` is given, after that many seconds; otherwise not as it is.",
};

/** What a body of this code carries beyond code, message and hint. */
interface Extra {
  readonly message?: string;
  readonly retry_after?: number;
  readonly details?: readonly ErrorDetail[];
}

const EXTRAS: Readonly<Partial<Record<ErrorCode, Extra>>> = {
  NOT_FOUND: { message: "There is no route /v1/inference/chats. The nearest is /v1/inference/chat." },
  IDEMPOTENCY_CONFLICT: { retry_after: 2 },
  VALIDATION_ERROR: {
    details: [
      { field: "messages[0].role", message: "must be one of system, developer, user, assistant, tool" },
      { field: "temperature", message: "must be between 0 and 2" },
    ],
  },
  CONTEXT_LENGTH_EXCEEDED: {
    message: "The prompt has about 131072 tokens; this model takes 128000.",
  },
  CONTENT_FILTERED: {
    details: [
      { field: "messages", message: "The response was filtered due to the prompt triggering a policy." },
    ],
  },
  MODEL_UNAVAILABLE: { retry_after: 10 },
  PROVIDER_HAS_BACKENDS: {
    details: [{ field: "backend_id", message: "be_01JZX3K9QFT4M7W2N8C5D6E0AC still uses this provider" }],
  },
  BACKEND_RATE_LIMITED: { retry_after: 5 },
  RATE_LIMITED: { retry_after: 12 },
  BUDGET_EXCEEDED: {
    details: [
      { field: "scope", message: "tenant" },
      { field: "limit", message: "100" },
      { field: "spent", message: "99.98" },
      { field: "required", message: "0.0412" },
      { field: "remaining", message: "0.02" },
      { field: "affordable_max_tokens", message: "1890" },
      { field: "resets_at", message: "2026-12-01T00:00:00Z" },
    ],
  },
  BUDGET_RESERVED: { retry_after: 2 },
  OVERLOADED: { retry_after: 1 },
  DEPENDENCY_UNAVAILABLE: { retry_after: 5 },
};

/** Codes that can also end a stream after content has been sent. */
const IN_STREAM: readonly ErrorCode[] = [
  "BACKEND_TIMEOUT",
  "BACKEND_ERROR",
  "UPSTREAM_SHAPE_MISMATCH",
  "SHUTTING_DOWN",
  "INTERNAL_ERROR",
];

/** Codes that a sandbox model produces on request, so that integrators can test how they take them. */
const SIMULATED: readonly ErrorCode[] = [
  "CONTEXT_LENGTH_EXCEEDED",
  "CONTENT_FILTERED",
  "MODEL_UNAVAILABLE",
  "BACKEND_RATE_LIMITED",
  "BACKEND_TIMEOUT",
  "BACKEND_ERROR",
  "UPSTREAM_SHAPE_MISMATCH",
];

/** A body with this code, as a caller sees it. */
export function sampleBody(code: ErrorCode): object {
  const { when, fix } = ERRORS[code];
  const { message = when, ...extra } = EXTRAS[code] ?? {};
  return {
    status: "error",
    error: { code, message, ...extra, hint: fix },
    meta: { request_id: REQUEST_ID },
  };
}

/** The end of a stream that fails with this code after content has been sent; undefined where none can. */
export function sampleStreamEnd(code: ErrorCode): string | undefined {
  if (!IN_STREAM.includes(code)) return undefined;
  return `event: error\ndata: ${JSON.stringify({ code, message: ERRORS[code].when })}\n\ndata: [DONE]`;
}

/** A call that the sandbox fails with this code; undefined where it cannot. */
export function simulateCurl(code: ErrorCode, baseUrl: string): string | undefined {
  if (!SIMULATED.includes(code)) return undefined;
  const body = { model: "scailabs/poolnoodle-omni", messages: [{ role: "user", content: "Hello" }] };
  return [
    `curl ${baseUrl}/v1/inference/chat \\`,
    '  -H "Authorization: Bearer $SCAIGRID_API_KEY" -H "Content-Type: application/json" \\',
    `  -H 'X-Scaigrid-Simulate: ${JSON.stringify({ error: code })}' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ].join("\n");
}
