/**
 * The upstream of the benchmark: an OpenAI-chat responder on raw TCP with prepared bytes, several times cheaper per
 * call than anything measured against it. It reads no JSON. `bun upstream.ts`; prints its port.
 */
import type { Socket } from "bun";
import { ANSWER_TOKENS, CHUNK_INTERVAL_MS, PROMPT_TOKENS, STREAM_CHUNKS, TOKEN } from "./work.ts";

const CRLF = "\r\n";
const ID = "chatcmpl-bench-0000000000";
const ID_DIGITS = 10;
const ZERO = 48;
const STREAM_MARK = '"stream":true';

interface Line {
  pending: Buffer | undefined;
  unsent: Uint8Array | undefined;
  /** Content chunks still to send; 0 = no stream open. */
  chunksLeft: number;
  nextAtMs: number;
}

const totals = { requests: 0, tokensIn: 0, tokensOut: 0 };
const streaming = new Set<Socket<Line>>();

function usage(completion: number): object {
  const sum = PROMPT_TOKENS + completion;
  return { prompt_tokens: PROMPT_TOKENS, completion_tokens: completion, total_tokens: sum };
}

function httpAnswer(body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK${CRLF}content-type: application/json${CRLF}content-length: ${body.length}${CRLF}${CRLF}${body}`,
  );
}

function httpChunk(text: string): string {
  return `${text.length.toString(16)}${CRLF}${text}${CRLF}`;
}

function eventOf(delta: object | undefined, finish: string | null, more: object = {}): string {
  const choices = delta ? [{ index: 0, delta, logprobs: null, finish_reason: finish }] : [];
  const head = { id: ID, object: "chat.completion.chunk", created: 1_700_000_000, model: "bench" };
  return `data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`;
}

const WHOLE = httpAnswer(
  JSON.stringify({
    id: ID,
    object: "chat.completion",
    created: 1_700_000_000,
    model: "bench",
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
const STREAM_HEAD = Buffer.from(
  `HTTP/1.1 200 OK${CRLF}content-type: text/event-stream${CRLF}transfer-encoding: chunked${CRLF}${CRLF}` +
    httpChunk(eventOf({ role: "assistant", content: "" }, null)),
);
const CHUNK = Buffer.from(httpChunk(eventOf({ content: TOKEN }, null)));
const STREAM_END = Buffer.from(
  httpChunk(eventOf({}, "stop")) +
    httpChunk(eventOf(undefined, null, { usage: usage(STREAM_CHUNKS) })) +
    httpChunk("data: [DONE]\n\n") +
    `0${CRLF}${CRLF}`,
);

function send(socket: Socket<Line>, bytes: Uint8Array): void {
  const line = socket.data;
  if (line.unsent) {
    line.unsent = Buffer.concat([line.unsent, bytes]);
    return;
  }
  const taken = Math.max(0, socket.write(bytes));
  if (taken < bytes.byteLength) line.unsent = bytes.slice(taken);
}

/** Counts up the number inside the prepared answer, so that every answer has an id of its own. */
function nextId(): void {
  for (let at = ID_END - 1; at >= ID_END - ID_DIGITS; at--) {
    const digit = (WHOLE[at] ?? ZERO) - ZERO;
    WHOLE[at] = ZERO + ((digit + 1) % 10);
    if (digit < 9) return;
  }
}

function answer(socket: Socket<Line>, request: Buffer, bodyStart: number): void {
  if (request[0] === 0x47 /* G */) return send(socket, httpAnswer(JSON.stringify(totals)));
  totals.requests++;
  totals.tokensIn += PROMPT_TOKENS;
  if (request.indexOf(STREAM_MARK, bodyStart) === -1) {
    totals.tokensOut += ANSWER_TOKENS;
    nextId();
    return send(socket, WHOLE);
  }
  totals.tokensOut += STREAM_CHUNKS;
  send(socket, STREAM_HEAD);
  socket.data.chunksLeft = STREAM_CHUNKS;
  socket.data.nextAtMs = performance.now() + CHUNK_INTERVAL_MS;
  streaming.add(socket);
}

function onData(socket: Socket<Line>, bytes: Buffer): void {
  const { pending } = socket.data;
  let rest = pending ? Buffer.concat([pending, bytes]) : bytes;
  socket.data.pending = undefined;
  while (rest.length > 0) {
    const headEnd = rest.indexOf("\r\n\r\n");
    const length =
      headEnd === -1
        ? 0
        : Number(/content-length: *(\d+)/i.exec(rest.toString("latin1", 0, headEnd))?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (headEnd === -1 || rest.length < end) {
      socket.data.pending = rest;
      return;
    }
    answer(socket, rest, headEnd);
    rest = rest.subarray(end);
  }
}

/** One chunk for every stream that is due; never two at once, or the reader would get them in one packet. */
function tick(): void {
  const now = performance.now();
  for (const socket of streaming) {
    const line = socket.data;
    if (line.nextAtMs > now || line.unsent) continue;
    line.nextAtMs = Math.max(line.nextAtMs + CHUNK_INTERVAL_MS, now + 1);
    if (line.chunksLeft-- > 0) send(socket, CHUNK);
    else {
      streaming.delete(socket);
      send(socket, STREAM_END);
    }
  }
}

const listener = Bun.listen<Line>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open: (socket) =>
      void (socket.data = { pending: undefined, unsent: undefined, chunksLeft: 0, nextAtMs: 0 }),
    data: onData,
    drain: (socket) => {
      const { unsent } = socket.data;
      socket.data.unsent = undefined;
      if (unsent) send(socket, unsent);
    },
    close: (socket) => void streaming.delete(socket),
    error: (socket) => void streaming.delete(socket),
  },
});
setInterval(tick, 1);
console.log(JSON.stringify({ port: listener.port }));
