import { payerOf } from "../../access/payer.ts";
import type { Amounts, Intent } from "../../core/accounting.ts";
import type { ChatMessage } from "../../core/chat.ts";
import type { PriceVersion } from "../../core/catalogue.ts";
import { formatAmount, type Pico } from "../../base/money.ts";
import { ApiError } from "../../errors.ts";
import { type TokenBound, inputTokensMax, outputTokensMax } from "../../pricing/bound.ts";
import { tieredBound } from "../../pricing/tiers.ts";
import { estimatePromptTokens } from "../../pricing/usage-estimate.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Candidate } from "../open.ts";
import { countTokens } from "../token-windows.ts";
import type { Prepared } from "./07-prepare.ts";

/** Stage 8 proves: the most it can use fits its token windows, what it can cost is known, its intent kept for good. */
export class Held {
  declare private readonly proof: never;
  readonly call: Call;
  readonly principal: Prepared["principal"];
  readonly policy: Prepared["policy"];
  readonly candidates: readonly Candidate[];
  readonly simulate: Prepared["simulate"];
  readonly chosenMaxTokens: number | undefined;
  readonly intent: Intent;
  readonly #prepared: Prepared;

  private constructor(prepared: Prepared, intent: Intent) {
    this.call = prepared.call;
    this.principal = prepared.principal;
    this.policy = prepared.policy;
    this.candidates = prepared.candidates;
    this.simulate = prepared.simulate;
    this.chosenMaxTokens = prepared.chosenMaxTokens;
    this.intent = intent;
    this.#prepared = prepared;
  }

  builtFor(candidate: Candidate): ReturnType<Prepared["builtFor"]> {
    return this.#prepared.builtFor(candidate);
  }

  /** Throws ApiError RATE_LIMITED, VALIDATION_ERROR (a bound beyond any amount), DEPENDENCY_UNAVAILABLE (no journal). */
  static async of(prepared: Prepared, deps: InferenceDeps): Promise<Held> {
    const { call } = prepared;
    const { intent, tokensMax } = intentOf(prepared, deps);
    countTokens(call, prepared.principal, tokensMax, deps);
    try {
      await deps.journal.intend(intent);
    } catch (error) {
      call.countTokens?.(0);
      deps.log.log("error", "journal_failed", { request_id: call.requestId, reason: String(error) });
      throw new ApiError("DEPENDENCY_UNAVAILABLE", undefined, { retryAfterSeconds: 1 });
    }
    call.mark("held");
    return new Held(prepared, intent);
  }
}

function intentOf(prepared: Prepared, deps: InferenceDeps): { intent: Intent; tokensMax: number } {
  const { call, principal, model, request, price } = prepared;
  const [first] = prepared.candidates;
  if (!first) throw new Error("a planned request has a candidate");
  const textBytes = Buffer.byteLength(prepared.builtFor(first).body);
  const messages = request.messages.length;
  const prompt = { textBytes, messages, unmeasured: request.messages.some(hasUnmeasuredPart) };
  const tokens: TokenBound = {
    inputTokensMax: inputTokensMax(prompt, model.contextWindow),
    outputTokensMax: outputTokensMax(request.max_tokens, model),
    n: request.n ?? 1,
  };
  const cost = first.cost;
  const { metadata } = request;
  const inputEstimate = Math.min(estimatePromptTokens(textBytes, messages), tokens.inputTokensMax);
  const intent: Intent = {
    requestId: call.requestId,
    admittedAt: deps.clock.now(),
    payer: payerOf(principal),
    modelId: model.id,
    modelSlug: model.slug,
    backendId: first.backend.id,
    stream: call.stream,
    inputEstimate,
    bound: boundsOf(tokens, price, cost),
    priceVersionId: price?.id,
    costVersionId: cost?.id,
    metadata,
  };
  return { intent, tokensMax: inputEstimate + tokens.outputTokensMax * tokens.n };
}

function boundsOf(
  tokens: TokenBound,
  price: PriceVersion | undefined,
  cost: PriceVersion | undefined,
): Amounts {
  const asked = boundOf(tokens, price);
  return { cost: boundOf(tokens, cost), partner: asked, tenant: asked };
}

function boundOf(tokens: TokenBound, version: PriceVersion | undefined): Pico {
  if (!version) return 0n;
  const verdict = tieredBound(tokens, version);
  switch (verdict.kind) {
    case "bound":
      return verdict.amount;
    case "not_priced":
      throw new ApiError("MODEL_NOT_PRICED");
    case "too_large":
      throw new ApiError("VALIDATION_ERROR", "This request could cost more than one amount can hold.", {
        details: [
          { field: "max_tokens", message: `the bound is ${formatAmount(verdict.amount)}; ask for less` },
        ],
      });
  }
}

/** Files, and images or audio whatever their form: what they come to in tokens is the provider's affair. */
function hasUnmeasuredPart(message: ChatMessage): boolean {
  return Array.isArray(message.content) && message.content.some((part) => part.type !== "text");
}
