import { payerOf } from "../access/payer.ts";
import { formatAmount, type Pico } from "../base/money.ts";
import type { Intent } from "../core/accounting.ts";
import type { PriceVersion } from "../core/catalogue.ts";
import type { ChatMessage } from "../core/chat.ts";
import { ApiError } from "../errors.ts";
import { type TokenBound, inputTokensMax, outputTokensMax } from "../pricing/bound.ts";
import { tieredBound } from "../pricing/tiers.ts";
import { estimatePromptTokens } from "../pricing/usage-estimate.ts";
import type { RequestMost } from "../settlement/budgets/authority.ts";
import type { InferenceDeps } from "./deps.ts";
import type { Prepared } from "./stages/07-prepare.ts";

/** What is promised for a request, and the most it can come to. */
export interface Promised {
  readonly intent: Intent;
  readonly tokens: TokenBound;
  /** What token windows count until it is known. */
  readonly tokensCounted: number;
}

/** Throws ApiError VALIDATION_ERROR for a bound beyond any amount. */
export function promiseOf(prepared: Prepared, deps: Pick<InferenceDeps, "clock">): Promised {
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
    bound: mostOf(tokens, price, cost).bound,
    priceVersionId: price?.id,
    costVersionId: cost?.id,
    metadata,
  };
  return { intent, tokens, tokensCounted: inputEstimate + tokens.outputTokensMax * tokens.n };
}

/** The most a request of so many tokens can come to. Throws as `promiseOf` does. */
export function mostOf(
  tokens: TokenBound,
  price: PriceVersion | undefined,
  cost: PriceVersion | undefined,
): RequestMost {
  const asked = boundOf(tokens, price);
  return {
    bound: { cost: boundOf(tokens, cost), partner: asked, tenant: asked },
    tokens: tokensMax(tokens),
  };
}

/** Input and output, the prompt counted for each choice. */
export function tokensMax({ inputTokensMax: input, outputTokensMax: output, n }: TokenBound): number {
  return (input + output) * n;
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
