import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { nearest } from "../base/nearest.ts";
import { ApiError } from "../errors.ts";
import type { Logger } from "../telemetry/logs.ts";
import { type Cors, preflight, withCors } from "./cors.ts";
import { REQUEST_ID_HEADER, errorResponse } from "./envelope.ts";
import type { Route } from "./route.ts";
import type { Router } from "./router.ts";
import { targetOf } from "./transport.ts";

/** What the runtime tells about a connection. */
export interface Connection {
  /** The peer's address. */
  readonly address: string;
  /** Seconds of silence after which the connection is cut; 0 = never. */
  setIdleTimeout(seconds: number): void;
}

export interface HandleDeps {
  readonly clock: Clock;
  readonly log: Pick<Logger, "log">;
  readonly router: Router<Route>;
  readonly cors: Cors;
  /** Where the error pages are served. */
  readonly docsUrl: () => string;
}

export type Handle = (request: Request, connection: Connection) => Promise<Response>;

/** Everything that reaches the gateway over HTTP enters here and leaves with a request id. */
export function handler(deps: HandleDeps): Handle {
  return async (request, connection) => {
    const requestId = newId("req", deps.clock.now());
    const response = await answer(request, connection, requestId, deps);
    response.headers.set(REQUEST_ID_HEADER, requestId);
    if (deps.cors.length > 0) withCors(response.headers, request.headers.get("origin"), deps.cors);
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
}

async function answer(
  request: Request,
  connection: Connection,
  requestId: string,
  deps: HandleDeps,
): Promise<Response> {
  try {
    const target = targetOf(request);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const found = deps.router.find(method, target.pathname);
    if (!found) throw unknownRoute(target.pathname, deps.router.paths);
    if ("allow" in found) {
      const allow = [...found.allow, "OPTIONS"].join(", ");
      if (method === "OPTIONS") return preflight(request.headers, allow, deps.cors);
      throw new ApiError("METHOD_NOT_ALLOWED", undefined, { headers: { allow }, hint: `Use ${allow}.` });
    }
    return await found.route.serve({ request, target, requestId, connection, params: found.params });
  } catch (error) {
    return errorResponse(asApiError(error, requestId, deps.log), requestId, deps.docsUrl());
  }
}

function unknownRoute(path: string, known: readonly string[]): ApiError {
  return new ApiError("NOT_FOUND", "There is no such route.", { hint: hintFor(path, known) });
}

function hintFor(path: string, known: readonly string[]): string {
  // What a client of OpenAI's API asks for first, wherever it was told that the API begins.
  if (path.endsWith("/chat/completions")) {
    return "Chat is at POST /v1/inference/chat here, with answers in an envelope; GET /docs lists every route.";
  }
  const [closest] = nearest(path, known, 1);
  return closest === undefined
    ? "GET /docs lists every route."
    : `The nearest known route is ${closest}; GET /docs lists them all.`;
}

/** What was not foreseen is a bug: the caller learns the request id, the log learns the rest. */
function asApiError(error: unknown, requestId: string, log: Pick<Logger, "log">): ApiError {
  if (error instanceof ApiError) return error;
  log.log("error", "bug", {
    request_id: requestId,
    reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return new ApiError("INTERNAL_ERROR");
}
