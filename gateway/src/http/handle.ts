import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { nearest } from "../base/nearest.ts";
import { ApiError } from "../errors.ts";
import type { Logger } from "../telemetry/logs.ts";
import { type Cors, preflight, withCors } from "./cors.ts";
import type { Doors } from "./doors/doors.ts";
import type { HttpDoor } from "./doors/http-door.ts";
import { REQUEST_ID_HEADER } from "./envelope.ts";
import type { Route } from "./route.ts";
import type { Router } from "./router.ts";
import type { Strangers } from "./strangers.ts";
import { TargetReader, pathOf } from "./transport.ts";

/** What the runtime tells about a connection. */
export interface Connection {
  /** The caller's address, as the connection or a trusted proxy tells it. */
  readonly address: string;
  /** Seconds of silence after which the connection is cut; 0 = never. */
  setIdleTimeout(seconds: number): void;
}

export interface HandleDeps {
  readonly clock: Clock;
  readonly log: Pick<Logger, "log">;
  readonly router: Router<Route>;
  readonly cors: Cors;
  readonly doors: Doors;
  readonly strangers: Pick<Strangers, "countUnlessKnown">;
  /** Set while other processes take over what comes on this port. */
  readonly lifecycle: { readonly leaving: boolean };
  /** Whether callers are served here: else they are told where. */
  readonly serves: boolean;
}

export type Handle = (request: Request, connection: Connection) => Promise<Response>;

/** Everything that reaches the gateway over HTTP enters here and leaves with a request id. */
export function handler(deps: HandleDeps): Handle {
  const { clock, cors, lifecycle } = deps;
  const targets = new TargetReader();
  return async (request, connection) => {
    const startedMs = clock.monotonic();
    const visit: Visit = { request, connection, requestId: newId("req", clock.now()), door: undefined };
    let response: Response;
    try {
      response = await serve(visit, targets, deps);
    } catch (error) {
      response = refuse(error, visit, deps);
    }
    const { headers } = response;
    // What is told again is told under the id of the call it was the answer to.
    const requestId = headers.get(REQUEST_ID_HEADER) ?? visit.requestId;
    headers.set(REQUEST_ID_HEADER, requestId);
    const door = doorOf(visit, deps);
    if (door.dress !== undefined) {
      door.dress(headers, { requestId, elapsedMs: clock.monotonic() - startedMs, nowMs: clock.now() });
    }
    if (lifecycle.leaving) headers.set("connection", "close");
    if (cors.length > 0) withCors(headers, request.headers.get("origin"), cors);
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
}

/** A request and how far it has come. */
interface Visit {
  readonly request: Request;
  readonly connection: Connection;
  readonly requestId: string;
  /** Known once a route has taken the request. */
  door: HttpDoor | undefined;
}

/** Throws what stands in the way, ApiError or a bug. */
function serve(
  visit: Visit,
  targets: TargetReader,
  { router, doors, cors, serves }: HandleDeps,
): Promise<Response> | Response {
  const { request, connection, requestId } = visit;
  const target = targets.read(request);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const isOpenAiHost = doors.isOpenAiHost(request.headers);
  const path = isOpenAiHost ? doors.pathOnOpenAiHost(target.pathname) : target.pathname;
  const found = router.find(method, path);
  if (!found) throw serves ? unknownRoute(path, router.paths) : servedElsewhere();
  if ("allow" in found) {
    const allow = [...found.allow, "OPTIONS"].join(", ");
    if (method === "OPTIONS") return preflight(request.headers, allow, cors);
    throw new ApiError("METHOD_NOT_ALLOWED", undefined, { headers: { allow }, hint: `Use ${allow}.` });
  }
  visit.door = doors.named(found.route.door);
  return found.route.serve({ request, target, requestId, connection, params: found.params });
}

/** The door the request came to; without a route its path or host tells. */
function doorOf({ door, request }: Visit, { doors }: HandleDeps): HttpDoor {
  if (door !== undefined) return door;
  const isOpenAiHost = doors.isOpenAiHost(request.headers);
  const path = pathOf(request);
  return doors.ofUnknown(isOpenAiHost ? doors.pathOnOpenAiHost(path) : path, isOpenAiHost);
}

function refuse(error: unknown, visit: Visit, deps: HandleDeps): Response {
  const { request, connection, requestId } = visit;
  const refusal = visit.door === undefined ? refusalAstray(error, request.headers, connection, deps) : error;
  return doorOf(visit, deps).refuse(asApiError(refusal, requestId, deps.log), requestId);
}

/** What a request that leads nowhere is told: why, or after many of them from one address that it is enough. */
function refusalAstray(
  why: unknown,
  headers: Headers,
  { address }: Connection,
  { strangers }: HandleDeps,
): unknown {
  try {
    strangers.countUnlessKnown({ headers, address });
    return why;
  } catch (limited) {
    return limited;
  }
}

function unknownRoute(path: string, known: readonly string[]): ApiError {
  return new ApiError("NOT_FOUND", "There is no such route.", { hint: hintFor(path, known) });
}

function servedElsewhere(): ApiError {
  return new ApiError("NOT_FOUND", "This process does background work and serves no calls.", {
    hint: "Send them to a process with SCAIGRID_MODE=http or all; here are /health, /health/ready and /metrics.",
  });
}

function hintFor(path: string, known: readonly string[]): string {
  // What a client of OpenAI's API asks for first, wherever it was told that the API begins.
  if (/\/(?:chat\/completions|completions|responses)$/.test(path)) {
    return "For OpenAI's clients the base URL ends with /oai/v1; GET /docs lists every route.";
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
