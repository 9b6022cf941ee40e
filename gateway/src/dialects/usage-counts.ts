import { isObject } from "../base/json.ts";
import type { UsageBucket } from "../core/usage.ts";

/** A count above this is a lie, not a request: 2^31 tokens. */
const TOKENS_MAX = 2_147_483_648;

/** A believable count; undefined for what is negative, fractional, not a number or too large. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= TOKENS_MAX
    ? value
    : undefined;
}

/** The first believable count above zero among these fields of an object; 0 when there is none. */
export function countIn(object: unknown, ...fields: readonly string[]): number {
  if (!isObject(object)) return 0;
  for (const field of fields) {
    const found = countOf(object[field]);
    if (found !== undefined && found > 0) return found;
  }
  return 0;
}

/** Hands out the tokens of a total to its parts, so that the parts never exceed it whatever was reported. */
export class Shares {
  #left: number;
  readonly #usage: Partial<Record<UsageBucket, number>>;

  constructor(total: number, usage: Partial<Record<UsageBucket, number>>) {
    this.#left = total;
    this.#usage = usage;
  }

  /** At most so many tokens, of what is left. */
  take(bucket: UsageBucket, tokens: number): void {
    const taken = Math.min(tokens, this.#left);
    this.#left -= taken;
    if (taken > 0) this.#usage[bucket] = (this.#usage[bucket] ?? 0) + taken;
  }

  /** All that is left. */
  rest(bucket: UsageBucket): void {
    this.take(bucket, this.#left);
  }
}
