/**
 * Every error code the gateway answers with. Docs pages, OpenAPI and the SDK are generated from this table.
 * `retry`: what a caller may do: "no", "yes", or the condition. `when` and `fix` are for people.
 */
interface ErrorRow {
  readonly status: number;
  readonly retry: "no" | "yes" | "once or twice" | "sometimes" | "after refresh" | "later";
  readonly when: string;
  readonly fix: string;
}

export const ERRORS = {
  AUTH_TOKEN_MISSING: {
    status: 401,
    retry: "no",
    when: "The request carries no API key.",
    fix: "Send the key as `Authorization: Bearer sgk_…`; the console makes one under API Keys, `scaigrid keys create` on the command line.",
  },
  AUTH_TOKEN_INVALID: {
    status: 401,
    retry: "no",
    when: "The key is unknown, malformed, revoked or expired, or two different keys were sent.",
    fix: "Check that the whole key was copied; the console makes a new one under API Keys, `scaigrid keys create` on the command line.",
  },
  SESSION_EXPIRED: {
    status: 401,
    retry: "after refresh",
    when: "The session has expired.",
    fix: "Sign in again.",
  },
  AUTH_FLOW_INVALID: {
    status: 401,
    retry: "no",
    when: "The sign-in link or its state is unknown, used or expired.",
    fix: "Start the sign-in again, or ask for a new link.",
  },
  AUTH_IDENTITY_NOT_FOUND: {
    status: 404,
    retry: "no",
    when: "No account belongs to this identity.",
    fix: "Ask an administrator for an invitation.",
  },
  AUTH_INSUFFICIENT_SCOPE: {
    status: 403,
    retry: "no",
    when: "The key's scopes exclude this call.",
    fix: "Use a key whose scopes include the permission named in the hint.",
  },
  AUTHZ_PERMISSION_DENIED: {
    status: 403,
    retry: "no",
    when: "The user of this key lacks the permission.",
    fix: "Ask an administrator for a role that has the permission named in the hint.",
  },
  TENANT_SUSPENDED: {
    status: 403,
    retry: "no",
    when: "The tenant or the partner above it is suspended.",
    fix: "Ask the operator of this installation.",
  },
  NOT_FOUND: {
    status: 404,
    retry: "no",
    when: "There is no such resource, or it is not yours.",
    fix: "Check the path and the id.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retry: "no",
    when: "The path exists, but not for this method.",
    fix: "Use one of the methods in the `Allow` header.",
  },
  CONFLICT: {
    status: 409,
    retry: "no",
    when: "The change does not fit the present state.",
    fix: "Read the object again and repeat the change on what you find.",
  },
  SLUG_CONFLICT: {
    status: 409,
    retry: "no",
    when: "The slug is taken.",
    fix: "Choose another slug.",
  },
  DECLARED_IN_FILE: {
    status: 409,
    retry: "no",
    when: "The configuration file of the gateway declares this object, so that it is changed there alone.",
    fix: "Change it in `scaigrid.yaml`; the gateway takes the file over by itself.",
  },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    retry: "later",
    when: "The same Idempotency-Key is in flight, or was used with another body.",
    fix: "Wait for the first call, or use a new key for a new request.",
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retry: "no",
    when: "The body is larger than this endpoint takes.",
    fix: "Send less at once; the limit is in the message.",
  },
  VALIDATION_ERROR: {
    status: 422,
    retry: "no",
    when: "A field, header or the body itself is not valid.",
    fix: "Correct the fields listed in `details`.",
  },
  CONTEXT_LENGTH_EXCEEDED: {
    status: 422,
    retry: "no",
    when: "The prompt is larger than the model takes.",
    fix: "Shorten the prompt or choose a model with a larger context window.",
  },
  CONTENT_FILTERED: {
    status: 422,
    retry: "no",
    when: "The provider's safety system refused the request.",
    fix: "Change the prompt; the provider's reason is in `details`.",
  },
  MODEL_NOT_FOUND: {
    status: 404,
    retry: "no",
    when: "No model has this slug, or it is not yours.",
    fix: "List the models you may use with `GET /v1/models`.",
  },
  MODEL_ACCESS_DENIED: {
    status: 403,
    retry: "no",
    when: "The model exists but is blocked for this tenant, user or key.",
    fix: "Ask your tenant admin for access.",
  },
  MODEL_NOT_PRICED: {
    status: 503,
    retry: "no",
    when: "The model or its backend has no price, so the call cannot be accounted for.",
    fix: "The operator gives the model and the backend a price, or marks them free.",
  },
  MODEL_UNAVAILABLE: {
    status: 503,
    retry: "sometimes",
    when: "No backend of this model can be called now.",
    fix: "Wait for `retry_after` seconds, or use another model.",
  },
  BACKEND_NOT_FOUND: {
    status: 404,
    retry: "no",
    when: "There is no such backend, or it is not yours.",
    fix: "List backends with `GET /v1/backends`.",
  },
  PROVIDER_NOT_FOUND: {
    status: 404,
    retry: "no",
    when: "There is no such provider, or it is not yours.",
    fix: "List providers with `GET /v1/providers`.",
  },
  PROVIDER_HAS_BACKENDS: {
    status: 409,
    retry: "no",
    when: "The provider still has backends.",
    fix: "Delete its backends first; they are named in `details`.",
  },
  PROVIDER_DISCOVERY_ERROR: {
    status: 502,
    retry: "yes",
    when: "The provider's list of models could not be read.",
    fix: "Check the provider's address and credentials.",
  },
  BACKEND_RATE_LIMITED: {
    status: 429,
    retry: "yes",
    when: "The provider limits our requests.",
    fix: "Wait for `retry_after` seconds.",
  },
  BACKEND_TIMEOUT: {
    status: 504,
    retry: "yes",
    when: "The provider did not connect, begin or finish in time.",
    fix: "Retry with exponential backoff.",
  },
  BACKEND_ERROR: {
    status: 502,
    retry: "once or twice",
    when: "The provider failed.",
    fix: "Retry once or twice; with the request id an operator sees what the provider said.",
  },
  UPSTREAM_SHAPE_MISMATCH: {
    status: 502,
    retry: "no",
    when: "The provider's answer could not be understood.",
    fix: "Report the request id: the gateway and the provider disagree about the format.",
  },
  RATE_LIMITED: {
    status: 429,
    retry: "yes",
    when: "A rate limit of this installation is reached; the hint names the level.",
    fix: "Wait for `retry_after` seconds, or ask for a higher limit.",
  },
  BUDGET_EXCEEDED: {
    status: 429,
    retry: "no",
    when: "What is left of a budget cannot pay for this request.",
    fix: "Ask for a larger budget, or lower `max_tokens` to `affordable_max_tokens` where `details` name it.",
  },
  BUDGET_RESERVED: {
    status: 429,
    retry: "yes",
    when: "Requests in flight hold what is left of a budget.",
    fix: "Wait for `retry_after` seconds.",
  },
  QUOTA_EXCEEDED: {
    status: 429,
    retry: "no",
    when: "A hard quota of this installation is reached.",
    fix: "Delete what is no longer used, or ask for a higher quota.",
  },
  MODULE_NOT_ENABLED: {
    status: 403,
    retry: "no",
    when: "The module is not enabled here.",
    fix: "Ask an administrator to enable it.",
  },
  OVERLOADED: {
    status: 503,
    retry: "yes",
    when: "This node has more work than it can take.",
    fix: "Wait for `retry_after` seconds.",
  },
  DEPENDENCY_UNAVAILABLE: {
    status: 503,
    retry: "yes",
    when: "The store cannot be reached or written, and there is no safe answer without it.",
    fix: "Wait for `retry_after` seconds; the gateway's log says what is missing.",
  },
  SHUTTING_DOWN: {
    status: 503,
    retry: "yes",
    when: "This node is shutting down.",
    fix: "Send the request again: another node, or this one after its restart, takes it.",
  },
  INTERNAL_ERROR: {
    status: 500,
    retry: "no",
    when: "A bug in the gateway.",
    fix: "Report the request id.",
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** One field at fault: a JSON path into the body (`messages[0].role`), `header.<name>` or `query.<name>`. */
export interface ErrorDetail {
  readonly field: string;
  readonly message: string;
}

export interface ApiErrorInit {
  /** Whole seconds ≥ 1; mirrored in the Retry-After header. */
  readonly retryAfterSeconds?: number;
  readonly details?: readonly ErrorDetail[];
  /** One sentence on what to do; the table's `fix` when absent. */
  readonly hint?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal or failure as the caller sees it. The message never names an upstream host, a secret or SQL. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly init: ApiErrorInit;

  constructor(code: ErrorCode, message?: string, init: ApiErrorInit = {}) {
    // The stack is of no use to anyone for an expected refusal, and costs 2 µs to take.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message ?? ERRORS[code].when);
    Error.stackTraceLimit = limit;
    this.name = "ApiError";
    this.code = code;
    this.init = init;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
