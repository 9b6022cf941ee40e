import { AuditedCall, type AuditDeps } from "../admin/audit/audited-call.ts";
import type { AdminDeps, PublicDeps } from "../admin/deps.ts";
import { demandOwnOrigin, sessionToken } from "../admin/auth/browser.ts";
import { storeRefusal } from "../admin/refusals.ts";
import type { Endpoint, PublicEndpoint } from "../core/endpoint.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";
import { Call } from "../inference/call.ts";
import type { InferenceDeps } from "../inference/deps.ts";
import type { InferenceEndpoint } from "../inference/endpoints/endpoint.ts";
import type { Inbound } from "../inference/inbound.ts";
import { MANAGEMENT_LIMIT } from "../limits/defaults.ts";
import type { RateLimiter } from "../limits/limiter.ts";
import { identify, identifySession } from "../snapshot/identify.ts";
import { audited, auditedSignIn } from "./audited.ts";
import { readText } from "./body.ts";
import type { Doors } from "./doors/doors.ts";
import { INFERENCE, MANAGEMENT, PUBLIC, SYSTEM } from "./endpoints.ts";
import { type PublicCall, manage, managePublic } from "./manage.ts";
import type { Arrival, Route } from "./route.ts";
import type { SystemDeps } from "./system/endpoint.ts";

const KEY_IN_QUERY = /sgk_[0-9A-Za-z]/;

export interface RouteDeps {
  readonly inference: InferenceDeps;
  readonly admin: AdminDeps;
  readonly audit: AuditDeps;
  readonly system: SystemDeps;
  readonly doors: Doors;
  /** Counts management calls per user, apart from those that can cost money. */
  readonly managementLimiter: RateLimiter;
}

/** Every declared endpoint, ready to serve. */
export function routes(deps: RouteDeps): Route[] {
  return [
    ...INFERENCE.map((endpoint) => inferenceRoute(endpoint, deps)),
    ...MANAGEMENT.map((endpoint) => managementRoute(endpoint, deps)),
    ...PUBLIC.map((endpoint) => publicRoute(endpoint, deps)),
    ...SYSTEM.map((endpoint) => ({
      ...endpoint,
      serve: (arrival: Arrival) => Promise.resolve(endpoint.serve(arrival, deps.system)),
    })),
  ];
}

function inferenceRoute(endpoint: InferenceEndpoint, deps: RouteDeps): Route {
  const { doors, inference } = deps;
  const door = doors.named(endpoint.door);
  return {
    ...endpoint,
    serve: (arrival) =>
      endpoint.serve(new Call(arrival.requestId, inboundOf(arrival), door, inference.clock), door, inference),
  };
}

function inboundOf({ request, target, connection }: Arrival): Inbound {
  return {
    path: target.pathname,
    headers: request.headers,
    get address() {
      return connection.address;
    },
    signal: request.signal,
    keyInQuery: KEY_IN_QUERY.test(target.search),
    text: (limitBytes) => readText(request, limitBytes),
    setIdleTimeout: (seconds) => connection.setIdleTimeout(seconds),
  };
}

function managementRoute(endpoint: Endpoint<AdminDeps>, deps: RouteDeps): Route {
  const { admin } = deps;
  if (endpoint.auditAction === undefined) {
    return {
      ...endpoint,
      async serve(arrival) {
        const principal = await callerOf(arrival, admin);
        limit(principal.user.id, deps);
        try {
          return await manage(endpoint, { ...publicCall(arrival), principal }, admin);
        } catch (error) {
          throw storeRefusal(error);
        }
      },
    };
  }
  const { auditAction } = endpoint;
  return {
    ...endpoint,
    serve(arrival) {
      const call = publicCall(arrival);
      const record = new AuditedCall(auditAction, call, deps.audit);
      const admitted = async (): Promise<Principal> => {
        const principal = await callerOf(arrival, admin);
        record.attribute(principal.user);
        limit(principal.user.id, deps);
        return principal;
      };
      return audited(record, admitted, (principal) =>
        manage(
          endpoint,
          { ...call, principal, hold: () => record.hold() },
          { ...admin, commit: (writes) => record.commit(writes) },
        ),
      );
    },
  };
}

function publicRoute(endpoint: PublicEndpoint<PublicDeps>, { admin, audit }: RouteDeps): Route {
  return {
    ...endpoint,
    serve(arrival) {
      const call = publicCall(arrival);
      const record = new AuditedCall(endpoint.auditAction, call, audit);
      return auditedSignIn(record, () =>
        managePublic(endpoint, call, {
          ...admin,
          commit: (writes) => record.commit(writes),
          attribute: (user) => record.attribute(user),
        }),
      );
    },
  };
}

function publicCall({ request, target, requestId, params, connection }: Arrival): PublicCall {
  return {
    requestId,
    params,
    query: new URLSearchParams(target.search),
    headers: request.headers,
    address: connection.address,
    text: (limitBytes) => readText(request, limitBytes),
  };
}

/** The holder of the key, or where there is none the person whose browser sent a session. Throws ApiError. */
function callerOf(
  { request, target, connection }: Arrival,
  admin: AdminDeps,
): Principal | Promise<Principal> {
  const { headers, method } = request;
  const token = headers.has("authorization") ? undefined : sessionToken(headers, admin.place);
  if (token === undefined) {
    const { address } = connection;
    return identify({ headers, keyInQuery: KEY_IN_QUERY.test(target.search), address }, admin);
  }
  // The cookie comes along whoever caused the request: a write must come from our own pages.
  if (method !== "GET" && method !== "HEAD") demandOwnOrigin(headers, admin.place);
  return identifySession(token, admin);
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
