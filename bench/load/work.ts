/** What the upstream of the benchmark answers, known to both ends so that the books can be compared. */

/** Tokens of a whole answer, four bytes each. */
export const ANSWER_TOKENS = 64;
/** Content chunks of a streamed answer; each is one token. */
export const STREAM_CHUNKS = 200;
/** Milliseconds between the chunks of one stream. */
export const CHUNK_INTERVAL_MS = 10;
/** What every answer reports as its prompt. */
export const PROMPT_TOKENS = 24;
/** The text of one token: nothing else in an answer or an envelope contains it. */
export const TOKEN = "aqua";

/** What the upstream has answered so far; `GET /totals`. */
export interface UpstreamTotals {
  readonly requests: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}
