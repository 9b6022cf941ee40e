import { type DoorName, permissionsInWords } from "../../core/endpoint.ts";
import { ERRORS, type ErrorCode } from "../../errors.ts";
import { CODES, statusIn } from "./errors-of.ts";
import { HEADER_COMPONENTS, refusalHeaders, successHeaders } from "./headers.ts";
import { type JsonSchema, refTo } from "./json-schema.ts";
import { OWN_SCHEMAS } from "./own-schemas.ts";
import type { ApiDescription, Operation, Parameter } from "./operations.ts";

/** What the document says beyond the endpoints. */
export interface DocumentInfo {
  readonly version: string;
  /** Where callers reach the gateway. */
  readonly serverUrl: string;
}

/** An OpenAPI document: plain JSON. */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: object;
  readonly servers: readonly object[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: object;
}

const EVENT_STREAM = "text/event-stream";
const RETRY_STATUSES: ReadonlySet<number> = new Set([409, 429, 502, 503]);
const STATUS_NAMES: Readonly<Record<(typeof ERRORS)[ErrorCode]["status"], string>> = {
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  413: "TooLarge",
  422: "Invalid",
  429: "Limited",
  500: "Bug",
  502: "UpstreamFailed",
  503: "Unavailable",
  504: "UpstreamTimeout",
};

/** What is said of answers that can be a stream. */
const STREAMED: Readonly<Record<DoorName, string>> = {
  native:
    "The whole answer, or with `stream: true` its events. Each event's data is one chunk; the event named `error` " +
    "ends a stream that failed, and `[DONE]` ends every stream.",
  openai:
    "The whole answer, or with `stream: true` its events. Each event's data is one chunk; data with an `error` ends a " +
    "stream that failed, and `[DONE]` ends every stream. Streams of the Responses API end with `response.completed`, " +
    "`response.incomplete` or `response.failed` instead.",
  anthropic:
    "The whole answer, or with `stream: true` its events: `message_start`, the blocks, `message_delta` and `message_stop`. " +
    "The event named `error` ends a stream that failed.",
};
const STREAM_ERRORS: Readonly<Record<DoorName, string>> = {
  native: "StreamError",
  openai: "OpenAiStreamError",
  anthropic: "AnthropicStreamError",
};

/** The schema of a refusal in doors that speak a format of others. */
const FOREIGN_REFUSALS: Readonly<Record<Exclude<DoorName, "native">, string>> = {
  openai: "OpenAiErrorResponse",
  anthropic: "AnthropicErrorResponse",
};

const INTRODUCTION =
  "Every answer of the paths below `/v1/` but `/v1/chat/completions`, `/v1/completions` and `/v1/responses` is an envelope: `status`, `data` and `meta`, or `status`, `error` and " +
  "`meta`. Programs branch on `error.code`. Every answer carries its request id in `X-Scaigrid-Request-Id` and in " +
  "`meta.request_id`. Lists are paged: pass `pagination.next_cursor` as `cursor` until it is null. Paths below " +
  "`/oai/v1/` answer in OpenAI's format instead, those below `/anthropic/v1/` in Anthropic's.";

/** The OpenAPI 3.1 document of the API. The same description always gives the same document. */
export function openApiDocument(api: ApiDescription, info: DocumentInfo): OpenApiDocument {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of api.operations) {
    const item = (paths[operation.path] ??= {});
    item[operation.method.toLowerCase()] = operationObject(operation);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "ScaiGrid",
      version: info.version,
      description: INTRODUCTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: info.serverUrl }],
    tags: [...new Set(api.operations.map((operation) => operation.tag))].map((name) => ({ name })),
    paths,
    components: components(api),
  };
}

function components(api: ApiDescription): object {
  return {
    securitySchemes: {
      apiKey: {
        type: "http",
        scheme: "bearer",
        description: "An API key: `sgk_` and 49 letters and digits. Also taken from `x-api-key`.",
      },
      session: {
        type: "apiKey",
        in: "cookie",
        name: "__Host-scaigrid_session",
        description:
          "Of a signed-in browser; `scaigrid_session` over plain HTTP. Writes must come from the gateway's own origin.",
      },
    },
    headers: HEADER_COMPONENTS,
    responses: sharedRefusals(),
    schemas: { ...Object.fromEntries(api.schemas), ...OWN_SCHEMAS },
  };
}

function operationObject(operation: Operation): object {
  const { id, tag, summary, parameters, body } = operation;
  const needed = permissionsInWords(operation.access);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(needed !== undefined && { description: `Needs ${needed}.` }),
    security: securityOf(operation),
    ...(parameters.length > 0 && { parameters: parameters.map(parameterObject) }),
    ...(body && { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: {
      [operation.status]: success(operation),
      ...(operation.alsoStatus !== undefined && { [operation.alsoStatus]: success(operation) }),
      ...refusals(operation),
    },
  };
}

function securityOf({ access, kind }: Operation): object[] {
  if (access === "public") return [];
  return kind === "inference" ? [{ apiKey: [] }] : [{ apiKey: [] }, { session: [] }];
}

function parameterObject({ isOpen, ...parameter }: Parameter): object {
  return { ...parameter, ...(isOpen && { style: "form", explode: true }) };
}

function success(operation: Operation): object {
  const { status, kind, contentType, alsoContentTypes, answer, event } = operation;
  const headers = successHeaders(operation);
  if (status === 302) return { description: "Leads elsewhere.", headers };
  const isBare = kind === "system" || operation.door !== "native";
  const schema = isBare ? (answer ?? { type: "string" }) : envelope(operation);
  return {
    description: event ? STREAMED[operation.door] : "Done.",
    headers,
    content: {
      [contentType]: { schema },
      ...Object.fromEntries(alsoContentTypes.map((type) => [type, { schema: { type: "string" } }])),
      ...(event && { [EVENT_STREAM]: { schema: { anyOf: [event, refTo(STREAM_ERRORS[operation.door])] } } }),
    },
  };
}

/** A success in the native envelope. */
export function envelope({ answer = {}, isList }: Pick<Operation, "answer" | "isList">): JsonSchema {
  const page: JsonSchema = {
    type: "object",
    properties: { items: { type: "array", items: answer } },
    required: ["items"],
  };
  return {
    type: "object",
    properties: {
      status: { const: "ok" },
      data: isList ? page : answer,
      ...(isList && { pagination: refTo("Pagination") }),
      meta: refTo("Meta"),
    },
    required: ["status", "data", ...(isList ? ["pagination"] : []), "meta"],
  };
}

/** The refusals of one operation: shared by status, with its own codes named. */
function refusals({ door, errors }: Operation): Readonly<Record<number, object>> {
  if (door !== "native") return foreignRefusals(door, errors);
  const byStatus = Map.groupBy(errors, (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        $ref: `#/components/responses/${STATUS_NAMES[status]}`,
        description: codes.map((code) => `\`${code}\``).join(", "),
      },
    ]),
  );
}

function foreignRefusals(
  door: Exclude<DoorName, "native">,
  errors: readonly ErrorCode[],
): Readonly<Record<number, object>> {
  const byStatus = Map.groupBy(errors, (code) => statusIn(door, code));
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => ERRORS[code].when).join(" "),
        headers: refusalHeaders(false),
        content: { "application/json": { schema: refTo(FOREIGN_REFUSALS[door]) } },
      },
    ]),
  );
}

/** One response for each status that an error can have. */
function sharedRefusals(): Readonly<Record<string, object>> {
  const byStatus = Map.groupBy(CODES, (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      STATUS_NAMES[status],
      {
        description: codes.map((code) => `\`${code}\`: ${ERRORS[code].when}`).join("\n\n"),
        headers: refusalHeaders(RETRY_STATUSES.has(status)),
        content: { "application/json": { schema: refTo("ErrorResponse") } },
      },
    ]),
  );
}
