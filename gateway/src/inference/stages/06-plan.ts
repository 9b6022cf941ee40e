import type { ChatMessage, ChatRequest } from "../../core/chat.ts";
import type { PriceVersion, RoutingPolicy } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";
import { inForce } from "../../pricing/version.ts";
import { type Plan, plan } from "../../routing/plan.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Candidate } from "../open.ts";
import type { Authorised } from "./05-authorise.ts";

const RETRY_AFTER_SECONDS = 10;

/** Stage 6 proves: there is at least one backend to ask, in what order, and at what price. */
export class Planned {
  declare private readonly proof: never;
  readonly call: Call;
  readonly principal: Authorised["principal"];
  readonly request: ChatRequest;
  readonly model: Authorised["model"];
  readonly policy: RoutingPolicy;
  /** In the order they are to be tried; never empty. */
  readonly candidates: readonly Candidate[];
  /** Undefined for a model that is free. */
  readonly price: PriceVersion | undefined;

  private constructor(
    authorised: Authorised,
    policy: RoutingPolicy,
    candidates: readonly Candidate[],
    price: PriceVersion | undefined,
  ) {
    this.call = authorised.call;
    this.principal = authorised.principal;
    this.request = authorised.request;
    this.model = authorised.model;
    this.policy = policy;
    this.candidates = candidates;
    this.price = price;
  }

  /** Throws ApiError MODEL_NOT_PRICED, MODEL_UNAVAILABLE. */
  static of(authorised: Authorised, deps: InferenceDeps): Planned {
    const { call, model, request } = authorised;
    const { snapshot } = deps;
    const nowMs = deps.clock.now();
    const price = inForce(snapshot.pricesOf(model.id), nowMs);
    if (!price && !model.free) throw new ApiError("MODEL_NOT_PRICED");
    const policy = snapshot.policyOf(model.id);
    if (!policy) throw unavailable();
    const planned = plan(policy, snapshot.backendsById, {
      needs: needsOf(request),
      isProviderActive: (id) => snapshot.providerById(id)?.status === "active",
      hasCredentials: (id) => snapshot.hasCredentials(id),
      hasCost: (id) => inForce(snapshot.pricesOf(id), nowMs) !== undefined,
    });
    note(call, planned);
    if (planned.candidates.length === 0) {
      throw planned.skipped.some(({ cause }) => cause === "no_cost")
        ? new ApiError("MODEL_NOT_PRICED", "No backend of this model has a cost in force.")
        : unavailable();
    }
    const candidates = planned.candidates.map(({ backend }) => candidateOf(backend, nowMs, deps));
    call.mark("planned");
    return new Planned(authorised, policy, candidates, price);
  }
}

function candidateOf(backend: Candidate["backend"], nowMs: number, deps: InferenceDeps): Candidate {
  const provider = deps.snapshot.providerById(backend.providerId);
  const dialect = deps.dialects.get(backend.dialect);
  if (!provider || !dialect)
    throw new Error(`backend ${backend.id} has no provider or speaks no known dialect`);
  const cost = inForce(deps.snapshot.pricesOf(backend.id), nowMs);
  return { backend, provider, dialect, cost, credentials: deps.snapshot.credentialsOf(backend.id) };
}

/** What a backend must be able to do for this request. */
function needsOf(request: ChatRequest): string[] {
  const needs: string[] = [];
  if (request.tools && request.tools.length > 0) needs.push("tools");
  if (request.messages.some(showsImage)) needs.push("vision");
  return needs;
}

function showsImage({ content }: ChatMessage): boolean {
  return Array.isArray(content) && content.some(({ type }) => type === "image_url");
}

function note(call: Call, { candidates, skipped }: Plan): void {
  for (const { backend, reason } of candidates)
    call.candidates.push({ backendId: backend.id, taken: true, reason });
  for (const { backendId, reason } of skipped) call.candidates.push({ backendId, taken: false, reason });
}

function unavailable(): ApiError {
  return new ApiError("MODEL_UNAVAILABLE", undefined, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
