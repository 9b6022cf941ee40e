import { AuditedCall, type AuditDeps } from "../admin/audit/audited-call.ts";
import type { AdminDeps, PublicDeps } from "../admin/deps.ts";
import { storeRefusal } from "../admin/refusals.ts";
import type { Endpoint, PublicEndpoint } from "../core/endpoint.ts";
import type { Principal } from "../core/principal.ts";
import type { User } from "../core/tenancy.ts";
import { ApiError } from "../errors.ts";
import { Call } from "../inference/call.ts";
import type { InferenceDeps } from "../inference/deps.ts";
import type { InferenceEndpoint } from "../inference/endpoints/endpoint.ts";
import { MANAGEMENT_LIMIT } from "../limits/defaults.ts";
import type { RateLimiter } from "../limits/limiter.ts";
import { HeldBody, bodyOverdue } from "../inference/held-body.ts";
import { within } from "../upstream/waits.ts";
import { audited, auditedSignIn } from "./audited.ts";
import { readText } from "./body.ts";
import { callerOf } from "./caller.ts";
import type { Doors } from "./doors/doors.ts";
import { INFERENCE, MANAGEMENT, PROBES, PUBLIC, SYSTEM } from "./endpoints.ts";
import { type IdempotentOptions, idempotently } from "./idempotent.ts";
import { InboundRequest } from "./inbound-request.ts";
import { type PublicCall, manage, managePublic } from "./manage.ts";
import type { Arrival, Route } from "./route.ts";
import type { Sender, Strangers } from "./strangers.ts";
import type { SystemDeps, SystemEndpoint } from "./system/endpoint.ts";

export interface RouteDeps {
  readonly inference: InferenceDeps;
  readonly admin: AdminDeps;
  readonly audit: AuditDeps;
  readonly system: SystemDeps;
  readonly doors: Doors;
  /** Counts management calls per user, apart from those that can cost money. */
  readonly managementLimiter: RateLimiter;
  readonly strangers: Strangers;
}

/** Every declared endpoint, ready to serve. */
export function routes(deps: RouteDeps): Route[] {
  return [
    ...INFERENCE.map((endpoint) => inferenceRoute(endpoint, deps)),
    ...MANAGEMENT.map((endpoint) => managementRoute(endpoint, deps)),
    ...PUBLIC.map((endpoint) => publicRoute(endpoint, deps)),
    ...SYSTEM.map((endpoint) => systemRoute(endpoint, deps)),
  ];
}

/** What a process answers that does background work alone. */
export function probeRoutes(deps: Pick<RouteDeps, "strangers" | "system">): Route[] {
  return PROBES.map((endpoint) => systemRoute(endpoint, deps));
}

function inferenceRoute(endpoint: InferenceEndpoint, deps: RouteDeps): Route {
  const { doors, inference } = deps;
  const named = doors.named(endpoint.door);
  const door = endpoint.dialect === undefined ? named : { ...named, dialect: endpoint.dialect };
  return {
    ...endpoint,
    serve: (arrival) =>
      endpoint.serve(
        new Call(arrival.requestId, new InboundRequest(arrival), door, inference.clock),
        door,
        inference,
      ),
  };
}

function managementRoute(endpoint: Endpoint<AdminDeps>, deps: RouteDeps): Route {
  const { admin, audit, doors, inference } = deps;
  const { auditAction } = endpoint;
  const keyed = ({ target, requestId }: Arrival): IdempotentOptions => ({
    idempotency: inference.idempotency,
    method: endpoint.method,
    path: target.pathname,
    refuse: (error) => doors.named(endpoint.door).refuse(error, requestId),
  });
  if (auditAction === undefined) {
    return {
      ...endpoint,
      serve: (arrival) =>
        withCall(arrival, deps, async (call) => {
          const principal = await admitted(arrival, deps);
          try {
            return await manage(endpoint, { ...call, principal }, admin);
          } catch (error) {
            throw storeRefusal(error);
          }
        }),
    };
  }
  return {
    ...endpoint,
    serve: (arrival) =>
      withCall(arrival, deps, (call) => {
        const record = new AuditedCall(auditAction, call, audit);
        return audited(
          record,
          () => admitted(arrival, deps, (user) => record.attribute(user)),
          (principal) =>
            idempotently({ ...call, principal, hold: () => record.hold() }, keyed(arrival), (each) =>
              manage(endpoint, each, { ...admin, commit: (writes) => record.commit(writes) }),
            ),
        );
      }),
  };
}

/** Who calls, within the limit of their management calls. Throws ApiError. */
async function admitted(
  { request, target, connection }: Arrival,
  deps: RouteDeps,
  attribute: (user: User) => void = () => undefined,
): Promise<Principal> {
  const identify = () => callerOf({ request, target, connection }, deps.admin);
  const principal = await deps.strangers.identified(connection, identify);
  attribute(principal.user);
  limit(principal.user.id, deps);
  return principal;
}

function publicRoute(endpoint: PublicEndpoint<PublicDeps>, deps: RouteDeps): Route {
  return {
    ...endpoint,
    async serve(arrival) {
      deps.strangers.countUnlessKnown(senderOf(arrival));
      return withCall(arrival, deps, (call) => {
        const record = new AuditedCall(endpoint.auditAction, call, deps.audit);
        return auditedSignIn(record, () =>
          managePublic(endpoint, call, {
            ...deps.admin,
            commit: (writes) => record.commit(writes),
            attribute: (user) => record.attribute(user),
          }),
        );
      });
    },
  };
}

function systemRoute(
  endpoint: SystemEndpoint,
  { strangers, system }: Pick<RouteDeps, "strangers" | "system">,
): Route {
  return {
    ...endpoint,
    async serve(arrival) {
      if (endpoint.forProbes !== true) strangers.countUnlessKnown(senderOf(arrival));
      return endpoint.serve(arrival, system);
    },
  };
}

function senderOf({ request: { headers }, connection }: Arrival): Sender {
  return {
    headers,
    get address() {
      return connection.address;
    },
  };
}

/** Runs a call that reads its body into memory shared by all. */
async function withCall(
  arrival: Arrival,
  { inference: { bodies, metrics, config } }: RouteDeps,
  serve: (call: PublicCall) => Promise<Response>,
): Promise<Response> {
  const held = new HeldBody(bodies, metrics);
  try {
    return await serve(publicCall(arrival, held, config.bodySeconds));
  } finally {
    held.free();
  }
}

function publicCall(
  { request, target, requestId, params, connection }: Arrival,
  held: HeldBody,
  bodySeconds: number,
): PublicCall {
  return {
    requestId,
    params,
    query: new URLSearchParams(target.search),
    headers: request.headers,
    address: connection.address,
    text: (limitBytes) =>
      within(
        readText(request, limitBytes, (bytes) => held.cover(bytes)),
        bodySeconds * 1000,
        () => bodyOverdue(bodySeconds),
      ),
  };
}

/** Throws ApiError RATE_LIMITED. */
function limit(userId: string, { managementLimiter, admin: { clock }, inference }: RouteDeps): void {
  const scope = { level: "user", scopeId: userId, limit: MANAGEMENT_LIMIT } as const;
  const verdict = managementLimiter.admit([scope], clock.monotonic(), clock.now());
  if (verdict.refused === undefined) return;
  inference.metrics.rateLimited("user", "requests");
  throw new ApiError("RATE_LIMITED", undefined, {
    retryAfterSeconds: verdict.retryAfterSeconds,
    hint: `Management calls are limited to ${MANAGEMENT_LIMIT} per user and minute.`,
  });
}
