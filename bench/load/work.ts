/** What the upstream of the benchmark answers, known to both ends so that the books can be compared. */

/** Tokens of a whole answer, four bytes each. */
export const ANSWER_TOKENS = 64;
/** Content chunks of a streamed answer; each is one token. Of a held one, as many as there are until its release. */
export const STREAM_CHUNKS = 100;
/** What every answer reports as its prompt. */
export const PROMPT_TOKENS = 24;
/** The text of one token: nothing else in an answer or an envelope contains it. */
export const TOKEN = "aqua";
/** Every call of the benchmark sends this much text, and asks for at most this many tokens. */
export const MESSAGES = [
  { role: "system", content: "You are a helpful assistant. Answer briefly and in plain words." },
  { role: "user", content: "Explain in two sentences why the sky is blue at noon and red in the evening." },
] as const;
export const MAX_TOKENS = 256;

/** `GET` this on the upstream: held streams end with their next chunk. */
export const RELEASE_PATH = "/release";
/** `GET` this on the upstream: what it has answered so far. */
export const TOTALS_PATH = "/totals";

/** How the upstream streams: its one argument, as JSON. */
export interface Pace {
  /** Milliseconds between the chunks of one stream. */
  readonly intervalMs: number;
  /** Streams go on until they are released. */
  readonly held: boolean;
}

/** What the upstream has answered so far. */
export interface UpstreamTotals {
  readonly requests: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}
