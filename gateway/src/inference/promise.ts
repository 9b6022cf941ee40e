import { payerOf } from "../access/payer.ts";
import { formatAmount, type Pico } from "../base/money.ts";
import type { Intent } from "../core/accounting.ts";
import type { BudgetPart } from "../core/budget.ts";
import { policyFor } from "../core/broken-streams.ts";
import type { ChatMessage } from "../core/chat.ts";
import { ApiError } from "../errors.ts";
import { type TokenBound, inputTokensMax, outputTokensMax } from "../pricing/bound.ts";
import { dearest } from "../pricing/dearest.ts";
import { type Tiered, tieredBound } from "../pricing/tiers.ts";
import { estimatePromptTokens } from "../pricing/usage-estimate.ts";
import type { Route } from "../routing/route.ts";
import type { RequestMost } from "../settlement/budgets/authority.ts";
import { partnerPriceOf } from "../settlement/settle.ts";
import type { InferenceDeps } from "./deps.ts";
import type { Prepared } from "./stages/07-prepare.ts";

/** An intent that is not kept yet: what is set aside for it is written into it, since a copy costs 2 µs. */
type IntentDraft = Omit<Intent, "budgets"> & { budgets: readonly BudgetPart[] | undefined };

/** What is promised for a request, and the most it can come to. */
export interface Promised {
  readonly intent: IntentDraft;
  readonly tokens: TokenBound;
  readonly most: RequestMost;
  /** What token windows count until it is known. */
  readonly tokensCounted: number;
}

/** Throws ApiError VALIDATION_ERROR for a bound beyond any amount. */
export function promiseOf(prepared: Prepared, deps: Pick<InferenceDeps, "estimates">): Promised {
  const { call, principal, model, request, tariff, first, itinerary } = prepared;
  const textBytes = Buffer.byteLength(prepared.builtFor(first).body);
  const messages = request.messages.length;
  const prompt = { textBytes, messages, unmeasured: request.messages.some(hasUnmeasuredPart) };
  const tokens: TokenBound = {
    inputTokensMax: inputTokensMax(prompt, widestWindow(prepared)),
    outputTokensMax: longestOutput(itinerary.routes, request.max_tokens),
    n: request.n ?? 1,
  };
  const cost = first.cost;
  const paid = tariff.paidAt(first);
  const { metadata } = request;
  const inputPerKb = deps.estimates.inputPerKb(first.backend.id);
  const inputEstimate = Math.min(
    estimatePromptTokens(textBytes, messages, inputPerKb),
    tokens.inputTokensMax,
  );
  if (!prompt.unmeasured) call.prompt = { bytes: textBytes, messages };
  const most = mostOf(tokens, prepared);
  const intent: IntentDraft = {
    requestId: call.requestId,
    admittedAt: prepared.admittedAt,
    payer: call.payer ?? payerOf(principal),
    modelId: model.id,
    modelSlug: model.slug,
    backendId: first.backend.id,
    stream: call.stream,
    inputEstimate,
    inputPerKb,
    bound: most.bound,
    priceVersionId: paid.tenant,
    partnerPriceId: partnerPriceOf(paid),
    costVersionId: cost?.id,
    metadata,
    budgets: undefined,
    brokenStreams: policyFor(principal.tenant, principal.partner),
  };
  return { intent, tokens, most, tokensCounted: inputEstimate + tokens.outputTokensMax * tokens.n };
}

/** The most a request of so many tokens can come to. Throws as `promiseOf` does. */
export function mostOf(tokens: TokenBound, prepared: Prepared): RequestMost {
  const { most } = prepared.tariff;
  const tenant = boundOf(tokens, most.tenant);
  const partner = most.partner === most.tenant ? tenant : boundOf(tokens, most.partner);
  return {
    bound: { cost: boundOf(tokens, dearestCost(prepared)), partner, tenant },
    tokens: tokensMax(tokens),
  };
}

/** Input and output, the prompt counted for each choice. */
export function tokensMax({ inputTokensMax: input, outputTokensMax: output, n }: TokenBound): number {
  return (input + output) * n;
}

/** A fallback with a larger window may take more of the prompt. */
export function widestWindow({ itinerary }: Prepared): number {
  let most = 0;
  for (const { windowMax } of itinerary.routes) most = Math.max(most, windowMax);
  return most;
}

function longestOutput(routes: readonly Route[], asked: number | undefined): number {
  let most = 0;
  for (const { model } of routes) most = Math.max(most, outputTokensMax(asked, model));
  return most;
}

/** The most it costs, whichever backend serves it. */
function dearestCost({ itinerary }: Prepared): Tiered | undefined {
  const { routes } = itinerary;
  return routes.length === 1 ? routes[0]?.cost : dearest(routes.flatMap((each) => each.cost ?? []));
}

function boundOf(tokens: TokenBound, version: Tiered | undefined): Pico {
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
