/**
 * The upstream of the benchmark: an OpenAI-chat responder on raw TCP with prepared bytes, several times cheaper per
 * call than anything measured against it. It reads no JSON. `bun upstream.ts '<Pace as JSON>'`; prints its port.
 */
import type { Socket } from "bun";
import { CHUNK, countUp, httpAnswer, STREAM_HEAD, streamEnd, WHOLE } from "./prepared.ts";
import { ANSWER_TOKENS, PROMPT_TOKENS, RELEASE_PATH, STREAM_CHUNKS } from "./work.ts";
import type { Pace } from "./work.ts";

const STREAM_MARK = '"stream":true';
const RELEASE = Buffer.from(`GET ${RELEASE_PATH} `);

interface Line {
  pending: Buffer | undefined;
  unsent: Uint8Array | undefined;
  /** Content chunks of the open stream so far. */
  sent: number;
  /** Its place on the wheel while a stream is open. */
  due: Set<Socket<Line>> | undefined;
}

const pace: Pace = JSON.parse(process.argv[2] ?? "{}");
const totals = { requests: 0, tokensIn: 0, tokensOut: 0 };
let released = false;

/** A wheel with a place for each millisecond between two chunks of a stream: a tick touches only who is due. */
const wheel = Array.from({ length: pace.intervalMs }, () => new Set<Socket<Line>>());
let turnedTo = 0;

function send(socket: Socket<Line>, bytes: Uint8Array): void {
  const line = socket.data;
  if (line.unsent) {
    line.unsent = Buffer.concat([line.unsent, bytes]);
    return;
  }
  const taken = Math.max(0, socket.write(bytes));
  if (taken < bytes.byteLength) line.unsent = bytes.slice(taken);
}

function answer(socket: Socket<Line>, request: Buffer, bodyStart: number): void {
  if (request[0] === 0x47 /* G */) {
    if (request.subarray(0, RELEASE.length).equals(RELEASE)) released = true;
    return send(socket, httpAnswer(JSON.stringify(totals)));
  }
  totals.requests++;
  totals.tokensIn += PROMPT_TOKENS;
  if (request.indexOf(STREAM_MARK, bodyStart) === -1) {
    totals.tokensOut += ANSWER_TOKENS;
    countUp();
    return send(socket, WHOLE);
  }
  send(socket, STREAM_HEAD);
  socket.data.sent = 0;
  socket.data.due = wheel[turnedTo]?.add(socket);
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

/** The next chunk of a stream, or its end. A reader that is behind gets none: two at once would be one packet. */
function advance(socket: Socket<Line>): void {
  const line = socket.data;
  if (line.unsent) return;
  if (pace.held ? released : line.sent === STREAM_CHUNKS) {
    line.due?.delete(socket);
    return send(socket, streamEnd(line.sent));
  }
  line.sent++;
  totals.tokensOut++;
  send(socket, CHUNK);
}

/** Every stream whose millisecond has come; each at most once, however late the timer is. */
function turn(): void {
  const steps = Math.min(Math.floor(performance.now()) - turnedAtMs, pace.intervalMs);
  turnedAtMs = Math.floor(performance.now());
  for (let i = 0; i < steps; i++) {
    turnedTo = (turnedTo + 1) % pace.intervalMs;
    wheel[turnedTo]?.forEach(advance);
  }
}

const listener = Bun.listen<Line>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open: (socket) => void (socket.data = { pending: undefined, unsent: undefined, sent: 0, due: undefined }),
    data: onData,
    drain: (socket) => {
      const { unsent } = socket.data;
      socket.data.unsent = undefined;
      if (unsent) send(socket, unsent);
    },
    close: (socket) => void socket.data.due?.delete(socket),
    error: (socket) => void socket.data.due?.delete(socket),
  },
});
let turnedAtMs = Math.floor(performance.now());
setInterval(turn, 1);
console.log(JSON.stringify({ port: listener.port }));
