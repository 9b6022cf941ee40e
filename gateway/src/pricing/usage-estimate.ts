import { INPUT_BUCKETS, OUTPUT_BUCKETS, USAGE_BUCKETS, type Usage, type UsageBucket } from "../core/usage.ts";
import type { TokenBound } from "./bound.ts";
import { USUAL_PER_KB } from "./token-ratio.ts";

/** How tokens are estimated where an upstream reports none; kept with the usage, so that it can be explained. */
export const ESTIMATE_METHOD = "bytes_by_learned_ratio";
/** Rises with every change of the rule below. */
export const ESTIMATE_VERSION = 2;
/** Role marks and separators around one message. */
const TOKENS_PER_MESSAGE = 4;

/** Tokens of a text of that many UTF-8 bytes, rounded up; `perKb` tokens for 1 000 of them. */
export function estimateTokens(bytes: number, perKb = USUAL_PER_KB): number {
  return Math.ceil((bytes * perKb) / 1_000);
}

/** Tokens of a prompt of that many UTF-8 bytes in that many messages. */
export function estimatePromptTokens(bytes: number, messages: number, perKb = USUAL_PER_KB): number {
  return estimateTokens(bytes, perKb) + messages * TOKENS_PER_MESSAGE;
}

/** Of the tokens of a prompt those of its text: what `estimatePromptTokens` multiplies. */
export function promptTextTokens(tokens: number, messages: number): number {
  return Math.max(0, tokens - messages * TOKENS_PER_MESSAGE);
}

/** A usage with the estimated tokens, within the bound; zero buckets are left out. */
export function estimateUsage(inputTokens: number, outputTokens: number, limit: TokenBound): Usage {
  return clampUsage({ input: inputTokens, output: outputTokens }, limit).usage;
}

/** A usage no larger than what was held for it. */
export interface ClampedUsage {
  readonly usage: Usage;
  /** Tokens that were reported beyond the bound; 0 in ordinary life. An operator wants to know of any other. */
  readonly excessTokens: number;
}

/**
 * Cuts what an upstream reported down to the tokens of the bound, special buckets first, and drops values that are
 * no counts (negative, fractional, beyond 2⁵³). After it `charge` cannot exceed the bound by tokens.
 */
export function clampUsage(reported: Usage, limit: TokenBound): ClampedUsage {
  const usage: Partial<Record<UsageBucket, number>> = {};
  for (const bucket of USAGE_BUCKETS) {
    const value = reported[bucket];
    if (value !== undefined && Number.isSafeInteger(value) && value > 0) usage[bucket] = value;
  }
  const excessTokens =
    cut(usage, INPUT_BUCKETS, limit.inputTokensMax * limit.n) +
    cut(usage, OUTPUT_BUCKETS, limit.outputTokensMax * limit.n);
  return { usage, excessTokens };
}

function cut(
  usage: Partial<Record<UsageBucket, number>>,
  buckets: readonly UsageBucket[],
  most: number,
): number {
  let room = most;
  let excess = 0;
  for (const bucket of buckets) {
    const value = usage[bucket];
    if (value === undefined) continue;
    const kept = Math.min(value, room);
    room -= kept;
    excess += value - kept;
    if (kept === 0) delete usage[bucket];
    else usage[bucket] = kept;
  }
  return excess;
}
