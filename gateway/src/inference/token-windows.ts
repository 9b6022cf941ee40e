import { payerOf } from "../access/payer.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";
import { ownLimits, scopesWithLimit } from "../limits/defaults.ts";
import type { RateState } from "../limits/limiter.ts";
import type { Call } from "./call.ts";
import type { InferenceDeps } from "./deps.ts";
import { giveBack } from "./record.ts";

/** What a bucket of a window holds with room to spare. */
const TOKENS_MAX = 1_000_000_000;

/**
 * Counts the tokens a call may use in the windows of its key, user, tenant and partner, all or none; what it did use
 * takes their place once that is known. Only levels that have a limit are counted. Throws ApiError RATE_LIMITED.
 */
export function countTokens(call: Call, principal: Principal, tokensMax: number, deps: InferenceDeps): void {
  const { clock, config, tokenLimiter, metrics } = deps;
  const scopes = scopesWithLimit(
    call.payer ?? payerOf(principal),
    ownLimits(principal),
    config.tokenLimits,
    "tokens_per_minute",
  );
  if (scopes.length === 0) return;
  const amount = Math.min(tokensMax, TOKENS_MAX);
  const verdict = tokenLimiter.admit(scopes, clock.monotonic(), clock.now(), amount);
  if (verdict.state) setHeaders(call, verdict.state);
  if (verdict.refused !== undefined) {
    metrics.rateLimited(verdict.refused, "tokens");
    giveBack(call, deps);
    throw new ApiError("RATE_LIMITED", "The limit of tokens is reached.", {
      retryAfterSeconds: verdict.retryAfterSeconds,
      hint: `The limit of this ${verdict.refused} is ${verdict.state.limit} tokens per minute; this request may use ${amount}. A lower max_tokens asks for less.`,
    });
  }
  call.countTokens = (tokens) =>
    tokenLimiter.correct(verdict, Math.min(tokens, TOKENS_MAX), clock.monotonic());
}

function setHeaders(call: Call, state: RateState): void {
  call.answerHeaders["x-scaigrid-ratelimit-limit-tokens"] = String(state.limit);
  call.answerHeaders["x-scaigrid-ratelimit-remaining-tokens"] = String(state.remaining);
  call.answerHeaders["x-scaigrid-ratelimit-reset-tokens"] = String(state.resetEpochSeconds);
}
