import { type ApiError, ERRORS } from "../errors.ts";
import type { Page } from "../core/endpoint.ts";

export const REQUEST_ID_HEADER = "x-scaigrid-request-id";
const JSON_HEADERS = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };

/** The error object of the native contract. `docsUrl` is where the error pages are served. */
export function errorObject(error: ApiError, docsUrl: string): object {
  const { retryAfterSeconds, details, hint } = error.init;
  return {
    code: error.code,
    message: error.message,
    ...(retryAfterSeconds !== undefined && { retry_after: retryAfterSeconds }),
    ...(details !== undefined && details.length > 0 && { details }),
    hint: hint ?? ERRORS[error.code].fix,
    doc_url: `${docsUrl}/${error.code}`,
  };
}

/** A refusal or failure in the native envelope. */
export function errorResponse(error: ApiError, requestId: string, docsUrl: string): Response {
  const body = { status: "error", error: errorObject(error, docsUrl), meta: { request_id: requestId } };
  return new Response(JSON.stringify(body), { status: error.status, headers: errorHeaders(error) });
}

/** Headers that an error carries whatever the format of its body. */
export function errorHeaders(error: ApiError): Record<string, string> {
  const { retryAfterSeconds } = error.init;
  return {
    ...JSON_HEADERS,
    ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    ...error.init.headers,
  };
}

export interface DataResponseInit {
  readonly status?: number;
  /** Beside the request id. */
  readonly meta?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One object in the native envelope. */
export function dataResponse(
  data: unknown,
  requestId: string,
  { status = 200, meta = {}, headers = {} }: DataResponseInit = {},
): Response {
  const body = { status: "ok", data, meta: { request_id: requestId, ...meta } };
  return new Response(JSON.stringify(body), { status, headers: { ...JSON_HEADERS, ...headers } });
}

/** An object without an envelope, as other doors answer. */
export function bareResponse(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: JSON_HEADERS });
}

/** A file to be saved, as it comes. */
export function fileResponse(file: {
  readonly contentType: string;
  readonly filename: string;
  readonly body: ReadableStream<Uint8Array>;
}): Response {
  return new Response(file.body, {
    headers: {
      "content-type": file.contentType,
      "content-disposition": `attachment; filename="${file.filename}"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}

/** One page of a list in the native envelope. */
export function pageResponse(page: Page<unknown>, requestId: string, meta: object = {}): Response {
  const body = {
    status: "ok",
    data: { items: page.items },
    pagination: { has_more: page.nextCursor !== undefined, next_cursor: page.nextCursor ?? null },
    meta: { request_id: requestId, ...meta },
  };
  return new Response(JSON.stringify(body), { headers: JSON_HEADERS });
}
