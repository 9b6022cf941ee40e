import { ANSWER_TOKENS, PROMPT_TOKENS, TOKEN } from "./work.ts";

const CRLF = "\r\n";
const ID = "chatcmpl-bench-0000000000";
const ID_DIGITS = 10;
const ZERO = 48;
const ABOUT = { id: ID, created: 1_700_000_000, model: "bench" };

function usage(completion: number): object {
  const sum = PROMPT_TOKENS + completion;
  return { prompt_tokens: PROMPT_TOKENS, completion_tokens: completion, total_tokens: sum };
}

/** A whole answer of HTTP/1.1 with a JSON body. */
export function httpAnswer(body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK${CRLF}content-type: application/json${CRLF}content-length: ${body.length}${CRLF}${CRLF}${body}`,
  );
}

function httpChunk(text: string): string {
  return `${text.length.toString(16)}${CRLF}${text}${CRLF}`;
}

function eventOf(delta: object | undefined, finish: string | null, more: object = {}): string {
  const choices = delta ? [{ index: 0, delta, logprobs: null, finish_reason: finish }] : [];
  return `data: ${JSON.stringify({ ...ABOUT, object: "chat.completion.chunk", choices, ...more })}\n\n`;
}

/** A whole chat completion. Its bytes change with `countUp`, so that every answer has an id of its own. */
export const WHOLE = httpAnswer(
  JSON.stringify({
    ...ABOUT,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: TOKEN.repeat(ANSWER_TOKENS) },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: usage(ANSWER_TOKENS),
    system_fingerprint: "fp_bench",
  }),
);
const ID_END = WHOLE.indexOf(ID) + ID.length;

/** Counts up the number in the id of `WHOLE`. */
export function countUp(): void {
  for (let at = ID_END - 1; at >= ID_END - ID_DIGITS; at--) {
    const digit = (WHOLE[at] ?? ZERO) - ZERO;
    WHOLE[at] = ZERO + ((digit + 1) % 10);
    if (digit < 9) return;
  }
}

/** How a streamed answer begins. */
export const STREAM_HEAD = Buffer.from(
  `HTTP/1.1 200 OK${CRLF}content-type: text/event-stream${CRLF}transfer-encoding: chunked${CRLF}${CRLF}` +
    httpChunk(eventOf({ role: "assistant", content: "" }, null)),
);
/** One token of a streamed answer. */
export const CHUNK = Buffer.from(httpChunk(eventOf({ content: TOKEN }, null)));

/** How a streamed answer of so many tokens ends. */
export function streamEnd(tokens: number): Buffer {
  return Buffer.from(
    httpChunk(eventOf({}, "stop")) +
      httpChunk(eventOf(undefined, null, { usage: usage(tokens) })) +
      httpChunk("data: [DONE]\n\n") +
      `0${CRLF}${CRLF}`,
  );
}
