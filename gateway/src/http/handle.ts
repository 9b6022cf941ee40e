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
}

export type Handle = (request: Request, connection: Connection) => Promise<Response>;

/** Everything that reaches the gateway over HTTP enters here and leaves with a request id. */
export function handler(deps: HandleDeps): Handle {
  const { clock, cors } = deps;
  const targets = new TargetReader();
  return async (request, connection) => {
    const startedMs = clock.monotonic();
    const requestId = newId("req", clock.now());
    const { response, door } = await answer({ request, connection, requestId, targets }, deps);
    const { headers } = response;
    headers.set(REQUEST_ID_HEADER, requestId);
    door.dress?.(headers, { requestId, elapsedMs: clock.monotonic() - startedMs, nowMs: clock.now() });
    if (cors.length > 0) withCors(headers, request.headers.get("origin"), cors);
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
}

interface Arrived {
  readonly request: Request;
  readonly connection: Connection;
  readonly requestId: string;
  readonly targets: TargetReader;
}

interface Answered {
  readonly response: Response;
  /** The door the request came to. */
  readonly door: HttpDoor;
}

async function answer(
  { request, connection, requestId, targets }: Arrived,
  deps: HandleDeps,
): Promise<Answered> {
  const { doors } = deps;
  const isOpenAiHost = doors.isOpenAiHost(request.headers);
  let door: HttpDoor | undefined;
  let served = false;
  try {
    const target = targets.read(request);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const path = isOpenAiHost ? doors.pathOnOpenAiHost(target.pathname) : target.pathname;
    const found = deps.router.find(method, path);
    if (!found) throw unknownRoute(path, deps.router.paths);
    if ("allow" in found) {
      door = doors.ofUnknown(path, isOpenAiHost);
      const allow = [...found.allow, "OPTIONS"].join(", ");
      if (method === "OPTIONS") return { response: preflight(request.headers, allow, deps.cors), door };
      throw new ApiError("METHOD_NOT_ALLOWED", undefined, { headers: { allow }, hint: `Use ${allow}.` });
    }
    door = doors.named(found.route.door);
    served = true;
    const arrival = { request, target, requestId, connection, params: found.params };
    return { response: await found.route.serve(arrival), door };
  } catch (error) {
    door ??= doors.ofUnknown(pathOf(request), isOpenAiHost);
    const refusal = served ? error : refusalAstray(error, request.headers, connection, deps);
    return { response: door.refuse(asApiError(refusal, requestId, deps.log), requestId), door };
  }
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
