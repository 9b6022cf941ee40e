import { type ChatMessage, type ChatRequest, ORIGINAL } from "../../core/chat.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { BuiltRequest } from "../../core/dialect.ts";
import { ApiError } from "../../errors.ts";
import { vendorOf } from "../../providers/catalogue.ts";
import type { UpstreamCall } from "../../upstream/upstream.ts";
import type { Call } from "../call.ts";
import type { Candidate } from "../open.ts";
import type { Planned } from "./06-plan.ts";

/** Tokens of output that every model can give: where a limit must be named and nobody knows the model's. */
const LIMIT_UNKNOWN = 4_096;

/** Stage 7 proves: the prompt is final, and can be said in the format of its backends. */
export class Prepared {
  declare private readonly proof: never;
  readonly call: Planned["call"];
  readonly principal: Planned["principal"];
  readonly model: FrontendModel;
  readonly policy: Planned["policy"];
  readonly candidates: Planned["candidates"];
  readonly price: Planned["price"];
  readonly request: ChatRequest;
  /** The output limit in force, where the gateway chose or lowered it. */
  readonly chosenMaxTokens: number | undefined;
  /** What a sandbox is asked to fake. */
  readonly simulate: UpstreamCall["simulate"];
  readonly #planned: Planned;
  readonly #built = new Map<Candidate, BuiltRequest>();

  private constructor(planned: Planned, request: ChatRequest) {
    this.call = planned.call;
    this.principal = planned.principal;
    this.model = planned.model;
    this.policy = planned.policy;
    this.candidates = planned.candidates;
    this.price = planned.price;
    this.request = request;
    this.chosenMaxTokens = request.max_tokens === planned.request.max_tokens ? undefined : request.max_tokens;
    this.simulate = simulationOf(planned);
    this.#planned = planned;
  }

  /** Throws ApiError VALIDATION_ERROR for what no candidate's format can express. */
  static of(planned: Planned): Prepared {
    const needsLimit = planned.candidates.some(({ dialect }) => dialect.needsMaxTokens === true);
    const prepared = new Prepared(planned, finalRequest(planned.request, planned.model, needsLimit));
    const first = prepared.candidates[0];
    const issues = first?.dialect.refuse(prepared.request) ?? [];
    if (issues.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details: issues });
    if (first) prepared.call.dropped.push(...prepared.#leftOut(first));
    prepared.call.mark("prepared");
    return prepared;
  }

  /** Whether the caller has said how long an answer may be. */
  get isOutputStated(): boolean {
    return this.#planned.request.max_tokens !== undefined;
  }

  /** The same request with a shorter answer than it could have had. */
  withOutputLimit(tokens: number): Prepared {
    return new Prepared(this.#planned, { ...this.request, max_tokens: tokens });
  }

  /** The upstream body for a candidate, built once. */
  builtFor(candidate: Candidate): BuiltRequest {
    let built = this.#built.get(candidate);
    if (!built) {
      const { upstreamModel } = candidate.backend;
      const quirks = vendorOf(candidate.provider)?.quirks ?? {};
      const forwarded = forwardedTo(candidate, this.call);
      built = candidate.dialect.build(this.request, {
        upstreamModel,
        quirks,
        ...(forwarded && { forwarded }),
      });
      this.#built.set(candidate, built);
    }
    return built;
  }

  /** What a candidate is not told: what its format has no place for, or the middle form has none for on the way. */
  #leftOut(candidate: Candidate): readonly string[] {
    const { dropped } = this.builtFor(candidate);
    const original = this.request[ORIGINAL];
    const isTranslated = original !== undefined && original.dialect !== candidate.dialect.name;
    return isTranslated ? [...original.untold, ...dropped] : dropped;
  }
}

/** The caller's headers that a candidate is sent; undefined where there are none. */
function forwardedTo({ dialect }: Candidate, { door, inbound }: Call): Record<string, string> | undefined {
  const { passes, forwards = [] } = door.dialect;
  if (passes !== dialect.name) return undefined;
  const given = forwards.flatMap((name) => {
    const value = inbound.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
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
  return cap === undefined ? asked : Math.min(asked, cap);
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
