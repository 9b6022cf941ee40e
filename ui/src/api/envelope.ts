import { ApiFailure, unreachable } from "./failure.ts";
import type { FieldProblem } from "./failure.ts";

/** A success as the gateway wraps it. `data` is trusted to be what the endpoint's schema says. */
export interface Success {
  readonly data: unknown;
  /** What is told beside it, such as the instant it is as of. */
  readonly meta: unknown;
  readonly nextCursor?: string;
  /** Of what was read or changed, as `ETag` tells it. */
  readonly version?: string;
}

/**
 * Reads an answer and the version told with it. Throws ApiFailure for a refusal and for what is not the gateway's
 * answer.
 */
export function readEnvelope(status: number, body: unknown, version?: string): Success {
  const state = field(body, "status");
  if (state === "error") throw failureOf(status, body, version);
  if (state !== "ok") throw unreachable(status);
  const nextCursor = field(field(body, "pagination"), "next_cursor");
  return {
    data: field(body, "data"),
    meta: field(body, "meta"),
    ...(typeof nextCursor === "string" && { nextCursor }),
    ...(version !== undefined && { version }),
  };
}

function failureOf(status: number, body: unknown, version: string | undefined): ApiFailure {
  const error = field(body, "error");
  const retryAfter = field(error, "retry_after");
  return new ApiFailure(textOf(field(error, "message")) ?? "The call failed.", {
    status,
    code: textOf(field(error, "code")) ?? "UNKNOWN",
    hint: textOf(field(error, "hint")),
    requestId: textOf(field(field(body, "meta"), "request_id")),
    retryAfterSeconds: typeof retryAfter === "number" ? retryAfter : undefined,
    details: problems(field(error, "details")),
    presentVersion: version,
  });
}

function problems(details: unknown): FieldProblem[] {
  if (!Array.isArray(details)) return [];
  return details.flatMap((detail: unknown) => {
    const name = textOf(field(detail, "field"));
    const message = textOf(field(detail, "message"));
    return name === undefined || message === undefined ? [] : [{ field: name, message }];
  });
}

/** A field of what may be an object; undefined of anything else. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** A text, if it is one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
