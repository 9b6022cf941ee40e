import { type ChatMessage, type ChatRequest, ORIGINAL } from "../../core/chat.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { BuildOptions, BuiltRequest, Issue } from "../../core/dialect.ts";
import { ApiError } from "../../errors.ts";
import { vendorOf } from "../../providers/catalogue.ts";
import type { UpstreamCall } from "../../upstream/upstream.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import { continued } from "../prefill.ts";
import type { RemoteImages } from "../remote-images.ts";
import type { Planned } from "./06-plan.ts";

/** Tokens of output that every model can give: where a limit must be named and nobody knows the model's. */
const LIMIT_UNKNOWN = 4_096;
const NO_QUIRKS: BuildOptions["quirks"] = Object.freeze({});

/** Stage 7 proves: the prompt is final, and can be said in the format of the backend that is asked first. */
export class Prepared {
  declare private readonly proof: never;
  readonly call: Planned["call"];
  readonly principal: Planned["principal"];
  readonly model: FrontendModel;
  readonly policy: Planned["policy"];
  /** The first backend that can be told the request. */
  readonly first: Candidate;
  readonly itinerary: Planned["itinerary"];
  readonly tariff: Planned["tariff"];
  readonly admittedAt: Planned["admittedAt"];
  readonly request: ChatRequest;
  /** The output limit in force, where the gateway chose or lowered it. */
  readonly chosenMaxTokens: number | undefined;
  /** What a sandbox is asked to fake. */
  readonly simulate: UpstreamCall["simulate"];
  /** Images given by address, where some backend takes none. */
  readonly #images: RemoteImages | undefined;
  readonly #planned: Planned;
  readonly #builtForFirst: BuiltRequest;

  private constructor(
    planned: Planned,
    request: ChatRequest,
    first: Candidate,
    images: RemoteImages | undefined,
  ) {
    this.call = planned.call;
    this.principal = planned.principal;
    this.model = planned.model;
    this.policy = planned.policy;
    this.first = first;
    this.itinerary = planned.itinerary;
    this.tariff = planned.tariff;
    this.admittedAt = planned.admittedAt;
    this.request = request;
    this.chosenMaxTokens = request.max_tokens === planned.request.max_tokens ? undefined : request.max_tokens;
    this.simulate = simulationOf(planned);
    this.#images = images;
    this.#planned = planned;
    this.#builtForFirst = this.#build(first, request);
  }

  /** Throws ApiError VALIDATION_ERROR for what no candidate's format can express. */
  static of(planned: Planned, deps: InferenceDeps, images?: RemoteImages): Prepared {
    const needsLimit = planned.itinerary.routes.some((route) => route.needsLimit);
    const request = finalRequest(planned.request, planned.model, needsLimit);
    const first = expressible(planned, request, images, deps);
    const prepared = new Prepared(planned, request, first, images);
    prepared.call.mark("prepared");
    return prepared;
  }

  /** Whether the caller has said how long an answer may be. */
  get isOutputStated(): boolean {
    return this.#planned.request.max_tokens !== undefined;
  }

  /** The same request with a shorter answer than it could have had. */
  withOutputLimit(tokens: number): Prepared {
    const request = { ...this.request, max_tokens: tokens };
    return new Prepared(this.#planned, request, this.first, this.#images);
  }

  /** Makes sure that a candidate which takes bytes alone has them. Throws as `RemoteImages.fetch` does. */
  async ready({ needsBytes }: Candidate, deps: InferenceDeps): Promise<void> {
    if (needsBytes) await this.#images?.fetch(this.call, deps);
  }

  /** Why a candidate cannot be told the request at all. */
  refusedBy(candidate: Candidate): readonly Issue[] {
    return refusals(this.request, candidate, this.#images);
  }

  /** The upstream body for a candidate; for the first one it is there already. */
  builtFor(candidate: Candidate): BuiltRequest {
    return candidate === this.first ? this.#builtForFirst : this.#build(candidate, this.request);
  }

  /** The upstream body with which a candidate goes on from what has been said. */
  continuedFor(candidate: Candidate, said: string): BuiltRequest {
    return this.#build(candidate, continued(this.request, said, candidate));
  }

  /** What a candidate that counts tokens is asked. */
  countFor(candidate: Candidate): BuiltRequest {
    const { tokenCount } = candidate.dialect;
    if (!tokenCount) throw new Error(`${candidate.dialect.name} counts no tokens`);
    return tokenCount.build(this.request, this.#optionsFor(candidate));
  }

  #optionsFor(candidate: Candidate): BuildOptions {
    const { upstreamModel } = candidate.backend;
    const quirks = vendorOf(candidate.provider)?.quirks ?? NO_QUIRKS;
    const forwarded = forwardedTo(candidate, this.call);
    return forwarded === undefined ? { upstreamModel, quirks } : { upstreamModel, quirks, forwarded };
  }

  #build(candidate: Candidate, request: ChatRequest): BuiltRequest {
    const { dialect, needsBytes } = candidate;
    const told = needsBytes ? (this.#images?.inlined(request) ?? request) : request;
    const hinted = withoutHints(within(told, candidate.model), candidate);
    const built = dialect.build(hinted, this.#optionsFor(candidate));
    const { dropped } = this.call;
    for (const field of leftOut(request, built, candidate)) if (!dropped.includes(field)) dropped.push(field);
    return built;
  }
}

/** What a candidate is not told: what its format has no place for, or the middle form has none for on the way. */
function leftOut(request: ChatRequest, { dropped }: BuiltRequest, { dialect }: Candidate): readonly string[] {
  const original = request[ORIGINAL];
  const isTranslated = original !== undefined && original.dialect !== dialect.name;
  return isTranslated ? [...original.untold, ...dropped] : dropped;
}

/** The caller's headers that a candidate is sent; undefined where there are none. */
function forwardedTo({ dialect }: Candidate, { door, inbound }: Call): Record<string, string> | undefined {
  const { passes, forwards } = door.dialect;
  if (passes !== dialect.name || forwards === undefined) return undefined;
  let given: Record<string, string> | undefined;
  for (const name of forwards) {
    const value = inbound.headers.get(name);
    if (value !== null) (given ??= {})[name] = value;
  }
  return given;
}

/** The first candidate whose format can express the request; the others are passed by. */
function expressible(
  { call, first, itinerary }: Planned,
  request: ChatRequest,
  images: RemoteImages | undefined,
  deps: InferenceDeps,
): Candidate {
  const issues = refusals(request, first, images);
  if (issues.length === 0) return first;
  const nowMs = deps.clock.monotonic();
  for (let next: Candidate | undefined = first; next; next = itinerary.next(nowMs)) {
    const own = next === first ? issues : refusals(request, next, images);
    if (own.length === 0) return next;
    itinerary.bar(next, inexpressible(own));
    call.candidates = itinerary.told(nowMs);
  }
  throw new ApiError("VALIDATION_ERROR", undefined, { details: issues });
}

/** Why a format cannot express a request. What could not be fetched is told as that, not as what it stands for. */
function refusals(
  request: ChatRequest,
  { dialect, needsBytes }: Candidate,
  images: RemoteImages | undefined,
): readonly Issue[] {
  if (!needsBytes || images === undefined) return dialect.refuse(request);
  return images.issues.length > 0 ? images.issues : dialect.refuse(images.inlined(request));
}

/** Why a backend cannot be told a request. */
export function inexpressible(issues: readonly Issue[]): string {
  return `its format cannot express ${issues.map(({ field }) => field).join(", ")}`;
}

/** Without what was only worked out, for a model of which nobody says that it can take it: it may refuse the request. */
function withoutHints(request: ChatRequest, { dialect, model }: Candidate): ChatRequest {
  const original = request[ORIGINAL];
  if (original === undefined || original.dialect === dialect.name) return request;
  return withoutVainHints(request, original.hints ?? {}, model);
}

function withoutVainHints(
  request: ChatRequest,
  hints: Readonly<Record<string, string>>,
  model: FrontendModel,
): ChatRequest {
  const vain = Object.entries(hints).filter(([, needed]) => !model.capabilities.includes(needed));
  if (vain.length === 0) return request;
  return { ...request, ...Object.fromEntries(vain.map(([field]) => [field, undefined])) };
}

/** A fallback may say less at once than the model that was asked for. */
function within(request: ChatRequest, { maxOutputTokens }: FrontendModel): ChatRequest {
  const asked = request.max_tokens;
  if (asked === undefined || maxOutputTokens === undefined || asked <= maxOutputTokens) return request;
  return { ...request, max_tokens: maxOutputTokens };
}

/** The model's defaults beneath the caller's own values, its system prompt in front, its output limit on top. */
function finalRequest(request: ChatRequest, model: FrontendModel, needsLimit: boolean): ChatRequest {
  const hasDefaults = Object.keys(model.defaultParams).length > 0;
  const withDefaults: ChatRequest = hasDefaults ? { ...model.defaultParams, ...request } : request;
  const maxTokens = limitFor(withDefaults.max_tokens, model, needsLimit);
  if (maxTokens === withDefaults.max_tokens && model.systemPrompt === undefined) return withDefaults;
  return {
    ...withDefaults,
    messages: withSystemPrompt(request.messages, model.systemPrompt),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  };
}

/** What was asked for, within what the model can give; all of that where a backend must be told something. */
function limitFor(
  asked: number | undefined,
  { maxOutputTokens: cap, contextWindow }: FrontendModel,
  needsLimit: boolean,
): number | undefined {
  if (asked === undefined) return needsLimit ? (cap ?? Math.min(LIMIT_UNKNOWN, contextWindow)) : undefined;
  return Math.min(asked, cap ?? contextWindow);
}

function withSystemPrompt(
  messages: readonly ChatMessage[],
  prompt: string | undefined,
): readonly ChatMessage[] {
  return prompt === undefined ? messages : [{ role: "system", content: prompt }, ...messages];
}

function simulationOf({ call, principal, request }: Planned): UpstreamCall["simulate"] {
  const instruction = call.inbound.headers.get("x-scaigrid-simulate") ?? request.metadata?.["simulate"];
  return instruction === undefined ? undefined : { instruction, userId: principal.user.id };
}
