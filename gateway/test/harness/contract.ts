import { z } from "zod";
import { ERRORS } from "../../src/errors.ts";
import { anthropicErrorSchema, anthropicStreamErrorSchema } from "../../src/dialects/anthropic-door/wire.ts";
import { openAiErrorSchema } from "../../src/dialects/openai-door/wire.ts";
import { errorsOf } from "../../src/http/openapi/errors-of.ts";
import { describeApi } from "../../src/http/openapi/operations.ts";
import { DECLARED, findDeclared } from "./declared.ts";
import { isObject } from "./json.ts";

/** What the documentation says; in the order of the declared endpoints. */
const { operations: OPERATIONS } = describeApi(DECLARED);

/** One answered call, as the harness saw it. */
export interface AnsweredCall {
  readonly method: string;
  readonly path: string;
  readonly requestBody: unknown;
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly text: string;
}

/** An answer that the contract does not allow: fails whichever test made the call. */
export class ContractError extends Error {
  override readonly name = "ContractError";

  constructor(call: AnsweredCall, what: string) {
    super(`${call.method} ${call.path} → ${call.status}: ${what}\n${call.text.slice(0, 2000)}`);
  }
}

const meta = z.looseObject({ request_id: z.string().regex(/^req_[0-9A-HJKMNP-TV-Z]{26}$/) });
const success = z.strictObject({
  status: z.literal("ok"),
  data: z.unknown(),
  pagination: z.strictObject({ has_more: z.boolean(), next_cursor: z.string().nullable() }).optional(),
  meta,
});
const failure = z.strictObject({
  status: z.literal("error"),
  error: z.strictObject({
    code: z.string(),
    message: z.string().min(1),
    retry_after: z.int().min(1).optional(),
    details: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
    hint: z.string().optional(),
    doc_url: z.string().optional(),
  }),
  meta,
});

/**
 * The hook every call of every test passes: request id, envelope, error code and its status, Retry-After, and the
 * schema the endpoint table declares for this answer. Throws ContractError.
 */
export function checkAgainstContract(call: AnsweredCall): void {
  const requestId = call.headers.get("x-scaigrid-request-id");
  if (!requestId?.startsWith("req_")) throw new ContractError(call, "no X-Scaigrid-Request-Id");
  if (call.status < 300) checkRequest(call);
  if (!call.headers.get("content-type")?.startsWith("application/json")) return;
  if (speaksOpenAi(call.path)) return checkOpenAi(call, requestId);
  if (call.path.startsWith(ANTHROPIC)) return checkAnthropic(call, requestId);
  if (!call.path.startsWith("/v1/")) return;
  if (call.status >= 400) checkFailure(call, requestId);
  else checkSuccess(call, requestId);
}

const streamError = z.strictObject({
  code: z.string().refine((code) => Object.hasOwn(ERRORS, code), "is not in the error table"),
  message: z.string().min(1),
  retry_after: z.int().min(1).optional(),
});

/** The same for one event of a stream: chunks and errors, each in its own form. Throws ContractError. */
export function checkEvent(call: AnsweredCall, event: { name: string; data: string; json: unknown }): void {
  if (event.data === "[DONE]") return;
  const about = { ...call, text: event.data };
  if (call.path.startsWith(ANTHROPIC) && event.name === "error")
    demand(about, anthropicStreamErrorSchema, event.json);
  // Events of the Responses API are named by their type, errors too.
  else if (
    speaksOpenAi(call.path) &&
    isObject(event.json) &&
    "error" in event.json &&
    !("type" in event.json)
  )
    demand(about, openAiErrorSchema.pick({ error: true }), event.json);
  else if (event.name === "error" && !speaksOpenAi(call.path)) demand(about, streamError, event.json);
  else demand(about, findDeclared(DECLARED, call.method, call.path)?.event ?? z.never(), event.json);
}

/** Paths that answer in Anthropic's format. */
const ANTHROPIC = "/anthropic/";

/** Answers in Anthropic's format: bare, with the header its clients read. */
function checkAnthropic(call: AnsweredCall, requestId: string): void {
  if (call.headers.get("request-id") !== requestId) throw new ContractError(call, "no request-id");
  if (call.status >= 400) {
    const refusal = demand(call, anthropicErrorSchema, call.body);
    if (refusal.request_id !== requestId) throw new ContractError(call, "two different request ids");
    return;
  }
  const endpoint = findDeclared(DECLARED, call.method, call.path);
  if (!endpoint?.response) throw new ContractError(call, "the endpoint table has no such route");
  demand(call, endpoint.response, call.body);
}

/** Paths that answer in OpenAI's format. */
function speaksOpenAi(path: string): boolean {
  return path.startsWith("/oai/") || /^\/v1\/(?:chat\/completions|completions|responses)\b/.test(path);
}

/** Answers in OpenAI's format: bare, with the headers its clients read. */
function checkOpenAi(call: AnsweredCall, requestId: string): void {
  if (call.headers.get("x-request-id") !== requestId) throw new ContractError(call, "no x-request-id");
  if (!/^\d+$/.test(call.headers.get("openai-processing-ms") ?? ""))
    throw new ContractError(call, "no openai-processing-ms");
  if (call.status >= 400) {
    const refusal = demand(call, openAiErrorSchema, call.body);
    if (refusal.request_id !== requestId) throw new ContractError(call, "two different request ids");
    return;
  }
  const endpoint = findDeclared(DECLARED, call.method, call.path);
  if (!endpoint?.response) throw new ContractError(call, "the endpoint table has no such route");
  demand(call, endpoint.response, call.body);
}

function checkSuccess(call: AnsweredCall, requestId: string): void {
  const answer = demand(call, success, call.body);
  if (answer.meta.request_id !== requestId) throw new ContractError(call, "two different request ids");
  const items = isObject(answer.data) ? answer.data["items"] : undefined;
  if (answer.pagination && !Array.isArray(items)) throw new ContractError(call, "a page without items");
  const endpoint = findDeclared(DECLARED, call.method, call.path);
  if (!endpoint) throw new ContractError(call, "the endpoint table has no such route");
  const documented = OPERATIONS[DECLARED.indexOf(endpoint)]?.status;
  if (call.status !== documented) throw new ContractError(call, `documented as ${documented}`);
  if (endpoint.list === true && !answer.pagination)
    throw new ContractError(call, "a list without pagination");
  if (endpoint.response)
    demand(
      call,
      endpoint.list === true ? z.array(endpoint.response) : endpoint.response,
      endpoint.list === true ? items : answer.data,
    );
}

/** What was answered with a success must be what the endpoint table lets in: schemas say as much as the code. */
function checkRequest(call: AnsweredCall): void {
  const endpoint = findDeclared(DECLARED, call.method, call.path);
  if (endpoint?.body)
    demand(call, endpoint.body, sentBody(call), "the request body, answered with a success");
  if (endpoint?.query) demand(call, endpoint.query, sentQuery(call), "the query, answered with a success");
}

function sentBody({ requestBody }: AnsweredCall): unknown {
  return typeof requestBody === "string" ? JSON.parse(requestBody) : requestBody;
}

function sentQuery({ path }: AnsweredCall): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(path.split("?")[1] ?? ""));
}

function checkFailure(call: AnsweredCall, requestId: string): void {
  const { error, meta: about } = demand(call, failure, call.body);
  if (about.request_id !== requestId) throw new ContractError(call, "two different request ids");
  const row = Object.entries(ERRORS).find(([code]) => code === error.code)?.[1];
  if (!row) throw new ContractError(call, `the error table has no ${error.code}`);
  if (row.status !== call.status) throw new ContractError(call, `${error.code} is declared as ${row.status}`);
  const endpoint = findDeclared(DECLARED, call.method, call.path);
  if (endpoint && !errorsOf(endpoint).some((code) => code === error.code)) {
    throw new ContractError(call, `${error.code} is not documented for ${endpoint.method} ${endpoint.path}`);
  }
  const header = call.headers.get("retry-after");
  if (header !== (error.retry_after === undefined ? null : String(error.retry_after))) {
    throw new ContractError(call, `Retry-After ${header} beside retry_after ${error.retry_after}`);
  }
}

function demand<Schema extends z.ZodType>(
  call: AnsweredCall,
  schema: Schema,
  value: unknown,
  what = "the answer",
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) throw new ContractError(call, `${what}: ${z.prettifyError(result.error)}`);
  return result.data;
}
