import type { ChatMessage, ChatRequest } from "../../core/chat.ts";
import type { Need, RoutingPolicy } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import type { Call } from "../call.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { InferenceDeps } from "../deps.ts";
import { stickyHashOf } from "../../routing/choose.ts";
import { Itinerary } from "../../routing/itinerary.ts";
import type { Route } from "../../routing/route.ts";
import { isServed } from "../../routing/terms.ts";
import { Tariff } from "../tariff.ts";
import type { Authorised } from "./05-authorise.ts";

/** Where nobody knows when a backend is back. */
const RETRY_AFTER_SECONDS = 10;
const NO_NEEDS: readonly Need[] = [];
/** Of a session of the caller's own: requests that share it may share a prompt cache. */
const SESSION_HEADER = "x-scaigrid-session";

/** Stage 6 proves: there is at least one backend to ask, which is the first, and at what price. */
export class Planned {
  declare private readonly proof: never;
  readonly call: Call;
  readonly principal: Authorised["principal"];
  readonly request: ChatRequest;
  readonly model: Authorised["model"];
  readonly policy: RoutingPolicy;
  /** The backend to be asked first. */
  readonly first: Candidate;
  readonly itinerary: Itinerary;
  /** What it pays. */
  readonly tariff: Tariff;
  /** Epoch milliseconds: prices, windows and months are those of this instant, however long the rest takes. */
  readonly admittedAt: number;

  private constructor(
    authorised: Authorised,
    admittedAt: number,
    route: Route,
    tariff: Tariff,
    itinerary: Itinerary,
    first: Candidate,
  ) {
    this.call = authorised.call;
    this.principal = authorised.principal;
    this.request = authorised.request;
    this.model = authorised.model;
    this.policy = route.policy;
    this.first = first;
    this.itinerary = itinerary;
    this.tariff = tariff;
    this.admittedAt = admittedAt;
  }

  /** Whether some backend that may be asked takes images as bytes alone. */
  get needsBytes(): boolean {
    return this.itinerary.routes.some((route) => route.needsBytes);
  }

  /** Throws ApiError MODEL_NOT_PRICED, MODEL_UNAVAILABLE, BACKEND_RATE_LIMITED (no backend has room). */
  static of(authorised: Authorised, deps: InferenceDeps): Planned {
    const { call, model } = authorised;
    const { tenant } = authorised.principal;
    const admittedAt = deps.clock.now();
    const routes = deps.routes.for(model, authorised.principal, admittedAt);
    const [route] = routes;
    const tariff = route && new Tariff(route, routes, tenant, admittedAt);
    const terms = tariff?.asked ?? deps.snapshot.prices.paid(model, tenant, admittedAt);
    if (!isServed(terms, deps.config.unpriced)) throw new ApiError("MODEL_NOT_PRICED");
    if (!route || !tariff) throw unavailable();
    const itinerary = itineraryOf(authorised, routes, deps);
    const nowMs = deps.clock.monotonic();
    const first = itinerary.next(nowMs) ?? probed(itinerary, model.id, nowMs, deps);
    call.candidates = itinerary.told(nowMs);
    if (!first) throw impasse(itinerary, model.id, nowMs, deps);
    // One backend needs no explanation.
    call.mark("planned", route.candidates.length > 1 ? itinerary.why(first, nowMs) : undefined);
    return new Planned(authorised, admittedAt, route, tariff, itinerary, first);
  }
}

/** Where a request of this caller may go. */
function itineraryOf(
  { call, principal, request }: Authorised,
  routes: readonly Route[],
  deps: InferenceDeps,
): Itinerary {
  const sticky = routes[0]?.policy.sticky ?? "none";
  const traits = {
    needs: needsOf(request),
    // One tenant alone has nobody to share with.
    tenantId: deps.snapshot.hasManyTenants ? principal.tenant.id : undefined,
    form: call.stream ? ("stream" as const) : ("whole" as const),
    stickyHash: sticky === "none" ? undefined : stickyHash(sticky, call, principal, request),
  };
  return new Itinerary(routes, traits, deps.random);
}

function stickyHash(
  sticky: "user" | "session",
  { inbound }: Call,
  principal: Principal,
  { user, metadata }: ChatRequest,
): number {
  const session = sticky === "session" ? sessionOf(inbound.headers, metadata) : undefined;
  return stickyHashOf(principal.user.id, session ?? user);
}

function sessionOf(headers: Headers, metadata: ChatRequest["metadata"]): string | undefined {
  return headers.get(SESSION_HEADER) ?? metadata?.["session_id"];
}

/** With every circuit open, one call a second goes through all the same. */
function probed(
  itinerary: Itinerary,
  modelId: string,
  nowMs: number,
  { health }: InferenceDeps,
): Candidate | undefined {
  const candidate = itinerary.probe(nowMs);
  return candidate && health.model(modelId, nowMs).trickles(nowMs) ? candidate : undefined;
}

/** What a backend must be able to do for this request. */
function needsOf(request: ChatRequest): readonly Need[] {
  const usesTools = request.tools !== undefined && request.tools.length > 0;
  const sees = request.messages.some(showsImage);
  if (!usesTools && !sees) return NO_NEEDS;
  return [...(usesTools ? (["tools"] as const) : []), ...(sees ? (["vision"] as const) : [])];
}

function showsImage({ content }: ChatMessage): boolean {
  return Array.isArray(content) && content.some(({ type }) => type === "image_url");
}

function impasse(itinerary: Itinerary, modelId: string, nowMs: number, { health }: InferenceDeps): ApiError {
  const isPriceless = itinerary.routes.some(({ skipped }) =>
    skipped.some(({ cause }) => cause === "no_cost"),
  );
  const { full, waitMs } = itinerary.impasse(nowMs);
  if (full) {
    return new ApiError("BACKEND_RATE_LIMITED", "No backend of this model has room just now.", {
      retryAfterSeconds: wholeSeconds(waitMs ?? 1),
    });
  }
  if (waitMs !== undefined) {
    return unavailable(Math.max(waitMs, health.model(modelId, nowMs).trickleMsAt(nowMs)));
  }
  if (isUngranted(itinerary)) {
    return new ApiError("MODEL_UNAVAILABLE", "No backend of this model is granted any more to whose it is.", {
      hint: "Whoever has granted it can do so again; GET /v1/backend-grants lists what there is.",
    });
  }
  if (isPriceless) return new ApiError("MODEL_NOT_PRICED", "No backend of this model has a cost in force.");
  return unavailable();
}

/** Whether a policy has backends, and each has been taken from whoever has set it. */
function isUngranted({ routes }: Itinerary): boolean {
  const skipped = routes.flatMap((route) => route.skipped);
  return skipped.length > 0 && skipped.every(({ cause }) => cause === "not_granted");
}

function unavailable(waitMs?: number): ApiError {
  const retryAfterSeconds = waitMs === undefined ? RETRY_AFTER_SECONDS : wholeSeconds(waitMs);
  return new ApiError("MODEL_UNAVAILABLE", undefined, { retryAfterSeconds });
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
