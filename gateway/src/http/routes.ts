import type { AdminDeps } from "../admin/deps.ts";
import { storeRefusal } from "../admin/refusals.ts";
import type { Endpoint } from "../core/endpoint.ts";
import { ApiError } from "../errors.ts";
import { Call } from "../inference/call.ts";
import type { InferenceDeps } from "../inference/deps.ts";
import type { Door } from "../inference/door.ts";
import type { InferenceEndpoint } from "../inference/endpoints/endpoint.ts";
import type { Inbound } from "../inference/inbound.ts";
import { MANAGEMENT_LIMIT } from "../limits/defaults.ts";
import type { RateLimiter } from "../limits/limiter.ts";
import { identify } from "../snapshot/identify.ts";
import { readText } from "./body.ts";
import { INFERENCE, MANAGEMENT, SYSTEM } from "./endpoints.ts";
import { manage } from "./manage.ts";
import type { Arrival, Route } from "./route.ts";
import type { SystemDeps } from "./system/endpoint.ts";

const KEY_IN_QUERY = /sgk_[0-9A-Za-z]/;

export interface RouteDeps {
  readonly inference: InferenceDeps;
  readonly admin: AdminDeps;
  readonly system: SystemDeps;
  readonly nativeDoor: Door;
  /** Counts management calls per user, apart from those that can cost money. */
  readonly managementLimiter: RateLimiter;
}

/** Every declared endpoint, ready to serve. */
export function routes(deps: RouteDeps): Route[] {
  return [
    ...INFERENCE.map((endpoint) => inferenceRoute(endpoint, deps)),
    ...MANAGEMENT.map((endpoint) => managementRoute(endpoint, deps)),
    ...SYSTEM.map((endpoint) => ({
      ...endpoint,
      serve: (arrival: Arrival) => Promise.resolve(endpoint.serve(arrival, deps.system)),
    })),
  ];
}

function inferenceRoute(endpoint: InferenceEndpoint, deps: RouteDeps): Route {
  const { nativeDoor: door, inference } = deps;
  return {
    ...endpoint,
    serve: (arrival) =>
      endpoint.serve(
        new Call(arrival.requestId, inboundOf(arrival), door.name, inference.clock),
        door,
        inference,
      ),
  };
}

function inboundOf({ request, url, connection }: Arrival): Inbound {
  return {
    path: url.pathname,
    headers: request.headers,
    signal: request.signal,
    keyInQuery: KEY_IN_QUERY.test(url.search),
    text: (limitBytes) => readText(request, limitBytes),
    setIdleTimeout: (seconds) => connection.setIdleTimeout(seconds),
  };
}

function managementRoute(endpoint: Endpoint<AdminDeps>, deps: RouteDeps): Route {
  return {
    ...endpoint,
    async serve({ request, url, requestId, params }) {
      const { admin } = deps;
      const principal = identify(request.headers, KEY_IN_QUERY.test(url.search), admin.snapshot, admin.clock);
      limit(principal.user.id, deps);
      const text = (limitBytes: number) => readText(request, limitBytes);
      try {
        return await manage(endpoint, { requestId, principal, params, query: url.searchParams, text }, admin);
      } catch (error) {
        throw storeRefusal(error);
      }
    },
  };
}

/** Throws ApiError RATE_LIMITED. */
function limit(userId: string, { managementLimiter, admin: { clock } }: RouteDeps): void {
  const scope = { level: "user", scopeId: userId, limit: MANAGEMENT_LIMIT } as const;
  const verdict = managementLimiter.admit([scope], clock.monotonic(), clock.now());
  if (verdict.refused === undefined) return;
  throw new ApiError("RATE_LIMITED", undefined, {
    retryAfterSeconds: verdict.retryAfterSeconds,
    hint: `Management calls are limited to ${MANAGEMENT_LIMIT} per user and minute.`,
  });
}
