import { remembered } from "../base/memo.ts";
import { AMOUNT_MAX, type Pico } from "../base/money.ts";
import type { Rates } from "../core/price.ts";
import { INPUT_BUCKETS, OUTPUT_BUCKETS, type UsageBucket } from "../core/usage.ts";
import { rateOf } from "./rates.ts";

/** The most tokens one request can use. Integers ≥ 0; `n` ≥ 1. */
export interface TokenBound {
  /** Tokens of the prompt, once. */
  readonly inputTokensMax: number;
  /** Tokens of one choice. */
  readonly outputTokensMax: number;
  /** Choices asked for. */
  readonly n: number;
}

/**
 * - `bound`: the charge cannot be more than `amount` pico
 * - `not_priced`: these buckets have no rate: the call cannot be accounted for
 * - `too_large`: more than one amount can hold (`AMOUNT_MAX`): the call is refused as it stands
 */
export type BoundVerdict =
  | { readonly kind: "bound"; readonly amount: Pico }
  | { readonly kind: "not_priced"; readonly buckets: readonly UsageBucket[] }
  | { readonly kind: "too_large"; readonly amount: Pico };

/**
 * An upper limit of `charge` for any usage within these tokens: each part at the dearest bucket it may fall in. The
 * prompt and a fee per request are taken `n` times, because upstreams differ in whether choices share them.
 */
export function bound(tokens: TokenBound, rates: Rates): BoundVerdict {
  const { input, output, request } = highestOf(rates);
  if (input === undefined || output === undefined) {
    const buckets = [...INPUT_BUCKETS, ...OUTPUT_BUCKETS].filter((b) => rateOf(rates, b) === undefined);
    return { kind: "not_priced", buckets };
  }
  const one = BigInt(tokens.inputTokensMax) * input + BigInt(tokens.outputTokensMax) * output + request;
  const amount = tokens.n === 1 ? one : BigInt(tokens.n) * one;
  return amount > AMOUNT_MAX ? { kind: "too_large", amount } : { kind: "bound", amount };
}

/** Whether a chat call can be accounted for at these rates: every token bucket has one. */
export function isPricedForTokens(rates: Rates): boolean {
  const { input, output } = highestOf(rates);
  return input !== undefined && output !== undefined;
}

/** The dearest bucket of each side, undefined where one has no rate, and the fee of a request. */
interface Highest {
  readonly input: Pico | undefined;
  readonly output: Pico | undefined;
  readonly request: Pico;
}

/** Rates are replaced, never changed: looked through once, not for each request. */
const highestOf = remembered((rates: Rates): Highest => ({
  input: dearest(rates, INPUT_BUCKETS),
  output: dearest(rates, OUTPUT_BUCKETS),
  request: rateOf(rates, "request") ?? 0n,
}));

function dearest(rates: Rates, buckets: readonly UsageBucket[]): Pico | undefined {
  let highest = 0n;
  for (const bucket of buckets) {
    const rate = rateOf(rates, bucket);
    if (rate === undefined) return undefined;
    if (rate > highest) highest = rate;
  }
  return highest;
}

/** Tokens that chat templates put around one message; the widest known one takes 8. */
const TEMPLATE_TOKENS_PER_MESSAGE = 16;
/** Tokens a template adds once: start marks, tool preambles, date lines. */
const TEMPLATE_TOKENS = 512;

/** What is known about the size of a prompt before it is sent. */
export interface PromptSize {
  /** UTF-8 bytes of all text the upstream will read: system prompt, messages, tools and schemas. */
  readonly textBytes: number;
  readonly messages: number;
  /**
   * Whether it has parts whose tokens do not follow from their bytes: files, images, sound. Vendors count one image
   * as anything from 85 to 50 000 tokens.
   */
  readonly unmeasured: boolean;
}

/** The most tokens a prompt can come to. A token is at least a byte, and no prompt outgrows the context window. */
export function inputTokensMax(prompt: PromptSize, contextWindow: number): number {
  if (prompt.unmeasured) return contextWindow;
  const tokens = prompt.textBytes + prompt.messages * TEMPLATE_TOKENS_PER_MESSAGE + TEMPLATE_TOKENS;
  return Math.min(tokens, contextWindow);
}

/** The most tokens one choice can come to: what was asked for, within what the model can give. */
export function outputTokensMax(
  requested: number | undefined,
  model: { readonly maxOutputTokens?: number; readonly contextWindow: number },
): number {
  const most = model.maxOutputTokens ?? model.contextWindow;
  return requested === undefined ? most : Math.min(requested, most);
}
