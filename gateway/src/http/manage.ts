import type { z } from "zod";
import { demandPermission } from "../access/demand.ts";
import { type Endpoint, permissionsNeeded, type PublicEndpoint, type Reply } from "../core/endpoint.ts";
import { issuesOf, pathText } from "../core/issues.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError, type ErrorDetail } from "../errors.ts";
import { parseJsonBody } from "../inference/json-body.ts";
import { bareResponse, dataResponse, fileResponse, pageResponse } from "./envelope.ts";
import type { PathParams } from "./router.ts";
import { demandStorable } from "./storable.ts";
import { demandVersion, type Hold, versionOf } from "./versions.ts";

/** Management bodies are small: the limit of 20 MB is for prompts. */
export const BODY_LIMIT_BYTES = 1 << 20;
/** A stranger sends a name and a password at most. */
const PUBLIC_BODY_LIMIT_BYTES = 1 << 16;

/** A call whose caller nobody may know yet. */
export interface PublicCall {
  readonly requestId: string;
  readonly params: PathParams;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly address: string;
  text(limitBytes: number): Promise<string>;
}

export interface ManagementCall extends PublicCall {
  readonly principal: Principal;
  /** Of a change: keeps what it is made to as it is, where the caller asks for that. */
  readonly hold?: Hold;
}

/** Runs one management endpoint: permission, then schemas, then the handler, then the envelope. */
export async function manage<Deps>(
  endpoint: Endpoint<Deps>,
  call: ManagementCall,
  deps: Deps,
): Promise<Response> {
  demandPermission(call.principal, permissionsNeeded(endpoint.access));
  const params = endpoint.params ? parse(endpoint.params, call.params, "path") : call.params;
  const query = endpoint.query ? parse(endpoint.query, queryObject(call.query), "query") : {};
  const body = endpoint.body ? parse(endpoint.body, await jsonBody(call, BODY_LIMIT_BYTES), "") : undefined;
  const { requestId, principal, headers, address } = call;
  const context = { requestId, principal, headers, address, params, query, body };
  await demandVersion(endpoint, context, deps, call.hold);
  const reply = await endpoint.handle(context, deps);
  // Doors other than the native one have no envelope.
  if (endpoint.door !== undefined && reply.kind === "data") return bareResponse(reply.data);
  const response = responseOf(reply, requestId);
  const version = versionOf(endpoint, reply);
  if (version !== undefined) response.headers.set("etag", version);
  return response;
}

/** Runs one endpoint that is open to strangers. */
export async function managePublic<Deps>(
  endpoint: PublicEndpoint<Deps>,
  call: PublicCall,
  deps: Deps,
): Promise<Response> {
  const body = parse(endpoint.body, await jsonBody(call, PUBLIC_BODY_LIMIT_BYTES), "");
  const { requestId, headers, address } = call;
  const context = { requestId, headers, address, params: {}, query: {}, body };
  return responseOf(await endpoint.handle(context, deps), requestId);
}

function responseOf(reply: Reply<unknown>, requestId: string): Response {
  switch (reply.kind) {
    case "page":
      return pageResponse(reply.page, requestId, reply.meta);
    case "data":
      return dataResponse(reply.data, requestId, reply);
    case "stream":
      return fileResponse(reply);
  }
}

function queryObject(query: URLSearchParams): Record<string, string> {
  // Not an object yet: a name such as `constructor` is in every one of them.
  const values = new Map<string, string>();
  for (const [name, value] of query) {
    if (values.has(name)) {
      throw new ApiError("VALIDATION_ERROR", undefined, {
        details: [{ field: `query.${name}`, message: "is given twice" }],
      });
    }
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

async function jsonBody(call: PublicCall, limitBytes: number): Promise<unknown> {
  const { value, droppedPaths } = parseJsonBody(await call.text(limitBytes));
  if (droppedPaths.length === 0) return value;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: droppedPaths.map((field) => ({ field, message: "is not a known field" })),
  });
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.output<Schema> {
  demandStorable(value, place);
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: issuesOf(result.error, schema).map(({ path, message }): ErrorDetail => {
      const field = pathText(place === "" ? path : [place, ...path]);
      return { field: field === "" ? "body" : field, message };
    }),
  });
}
