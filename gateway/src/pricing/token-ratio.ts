import type { RatioSeen } from "../core/estimate.ts";

/** Tokens of 1 000 bytes where no model's own ratio is known: English prose has 220, code 290, other scripts more. */
export const USUAL_PER_KB = 250;
/** No known tokenizer makes more of a text than a token of each byte, or less than one of 16. */
const LEAST_PER_KB = 62;
const MOST_PER_KB = 1_000;
/** Before so much has been seen the usual ratio stands. */
const CALLS_MIN = 16;
const BYTES_MIN = 2_000;
/** What one call counts for at most, so that none of them decides. */
const CALL_BYTES_MAX = 50_000;
/** Beyond it all that was seen counts half: a model that is replaced under its name is learned anew. */
const BYTES_KEPT_MAX = 2_000_000;

/**
 * How many tokens a model makes of a text, learned from what its upstream reports. Every report is cut to what a
 * tokenizer can do before it counts, so that one that lies can push the ratio to those limits and no further. Pure.
 */
export class TokenRatio {
  #calls = 0;
  #bytes = 0;
  #milliTokens = 0;
  #perKb = USUAL_PER_KB;

  /** Tokens of 1 000 bytes: a whole number. */
  get perKb(): number {
    return this.#perKb;
  }

  get seen(): RatioSeen {
    return { calls: this.#calls, bytes: this.#bytes, milliTokens: this.#milliTokens };
  }

  /** A call whose text had so many bytes and, by its upstream's word, so many tokens. Nothing is learned of none. */
  learn(bytes: number, tokens: number): void {
    if (bytes <= 0 || tokens <= 0) return;
    const weight = Math.min(bytes, CALL_BYTES_MAX);
    this.#add({ calls: 1, bytes: weight, milliTokens: weight * clamp((tokens * 1_000) / bytes) });
  }

  /** What was seen before: by a former process, or by another node. */
  recall({ calls, bytes, milliTokens }: RatioSeen): void {
    if (bytes > 0) this.#add({ calls, bytes, milliTokens: bytes * clamp(milliTokens / bytes) });
  }

  #add({ calls, bytes, milliTokens }: RatioSeen): void {
    this.#calls += calls;
    this.#bytes += bytes;
    this.#milliTokens += Math.round(milliTokens);
    if (this.#bytes > BYTES_KEPT_MAX) {
      this.#bytes = Math.ceil(this.#bytes / 2);
      this.#milliTokens = Math.round(this.#milliTokens / 2);
    }
    if (this.#calls < CALLS_MIN || this.#bytes < BYTES_MIN) return;
    this.#perKb = Math.round(clamp(this.#milliTokens / this.#bytes));
  }
}

/** Thousandths of a token per byte are tokens of 1 000 bytes. */
function clamp(perKb: number): number {
  return Math.min(Math.max(perKb, LEAST_PER_KB), MOST_PER_KB);
}
