/**
 * The load of the benchmark: a closed loop over kept-alive raw sockets. Each connection sends its next request when
 * the answer to the last one is whole. `bun driver.ts '<LoadPlan as JSON>'`; prints a LoadResult as JSON.
 */
import type { Socket } from "bun";
import { cpuTime, residentBytes } from "./proc.ts";
import type { CpuTime } from "./proc.ts";
import { TOKEN } from "./work.ts";

export interface LoadPlan {
  readonly port: number;
  /** The process measured. */
  readonly pid: number;
  readonly path: string;
  readonly key: string;
  readonly model: string;
  readonly stream: boolean;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LoadResult {
  /** Answers and content tokens of the whole run: the books are checked against these. */
  readonly requests: number;
  readonly tokens: number;
  /** Answers that were not 200 or not whole. */
  readonly failures: number;
  /** Inside the measured window only, as everything below. */
  readonly windowRequests: number;
  readonly windowTokens: number;
  readonly windowSeconds: number;
  readonly cpuUs: number;
  readonly mainThreadUs: number;
  readonly latencyMsP50: number;
  readonly latencyMsP99: number;
  /** The largest seen. */
  readonly residentBytes: number;
}

const plan: LoadPlan = JSON.parse(process.argv[2] ?? "{}");
const LATENCIES_MAX = 2_000_000;
const RSS_SAMPLE_MS = 100;
const DRAIN_TIMEOUT_MS = 20_000;

interface Line {
  sentAtMs: number;
  /** What of an answer has come, while it is not whole. */
  pending: Buffer | undefined;
  /** Whether the head of a streamed answer has been read. */
  inBody: boolean;
  /** The last characters before this packet, where a token may have been cut. */
  tail: string;
  /** The last five characters of the body so far: the empty chunk may come in two packets. */
  end: string;
}

const body = JSON.stringify({
  model: plan.model,
  messages: [
    { role: "system", content: "You are a helpful assistant. Answer briefly and in plain words." },
    { role: "user", content: "Explain in two sentences why the sky is blue at noon and red in the evening." },
  ],
  max_tokens: 256,
  temperature: 0.7,
  stream: plan.stream,
  ...(plan.stream && { stream_options: { include_usage: true } }),
});
const REQUEST = Buffer.from(
  `POST ${plan.path} HTTP/1.1\r\nhost: localhost:${plan.port}\r\ncontent-type: application/json\r\n` +
    `authorization: Bearer ${plan.key}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);
/** The empty chunk that ends a chunked body. */
const END = "0\r\n\r\n";
const TOKEN_BYTES = Buffer.from(TOKEN);

let requests = 0;
let tokens = 0;
let failures = 0;
let open = 0;
let stopping = false;
let measuring = false;
const latencies: number[] = [];
const idle = Promise.withResolvers<void>();

function fire(socket: Socket<Line>): void {
  if (stopping) {
    socket.end();
    if (--open === 0) idle.resolve();
    return;
  }
  socket.data.sentAtMs = performance.now();
  socket.write(REQUEST);
}

function finished(socket: Socket<Line>, ok: boolean): void {
  requests++;
  if (!ok) failures++;
  if (measuring && latencies.length < LATENCIES_MAX) latencies.push(performance.now() - socket.data.sentAtMs);
  fire(socket);
}

function countTokens(bytes: Buffer): number {
  let found = 0;
  for (
    let at = bytes.indexOf(TOKEN_BYTES);
    at !== -1;
    at = bytes.indexOf(TOKEN_BYTES, at + TOKEN_BYTES.length)
  )
    found++;
  return found;
}

function isOk(bytes: Buffer): boolean {
  return bytes.toString("latin1", 9, 12) === "200";
}

/** A whole answer: a head with a length, and that many bytes. */
function onWhole(socket: Socket<Line>, packet: Buffer): void {
  const bytes = socket.data.pending ? Buffer.concat([socket.data.pending, packet]) : packet;
  const headEnd = bytes.indexOf("\r\n\r\n");
  const length =
    headEnd === -1 ? undefined : /content-length: *(\d+)/i.exec(bytes.toString("latin1", 0, headEnd))?.[1];
  if (headEnd !== -1 && length === undefined) throw new Error("an answer without a length");
  if (length === undefined || bytes.length < headEnd + 4 + Number(length)) {
    socket.data.pending = bytes;
    return;
  }
  socket.data.pending = undefined;
  tokens += countTokens(bytes);
  finished(socket, isOk(bytes));
}

/** A streamed answer: chunked, counted packet by packet, whole at the empty chunk. */
function onStream(socket: Socket<Line>, packet: Buffer): void {
  const line = socket.data;
  if (!line.inBody && !isOk(packet)) return onWhole(socket, packet);
  line.inBody = true;
  const bytes = line.tail === "" ? packet : Buffer.concat([Buffer.from(line.tail, "latin1"), packet]);
  tokens += countTokens(bytes);
  line.end = (line.end + packet.toString("latin1", Math.max(0, packet.length - END.length))).slice(
    -END.length,
  );
  // A packet that ends with an event cannot have cut a token: only others leave a tail to look at again.
  line.tail = line.end.endsWith("\n") ? "" : line.end.slice(-(TOKEN.length - 1));
  if (line.end !== END) return;
  line.inBody = false;
  line.end = "";
  finished(socket, true);
}

function mark(): { cpu: CpuTime; requests: number; tokens: number; atMs: number } {
  return { cpu: cpuTime(plan.pid), requests, tokens, atMs: performance.now() };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

for (let i = 0; i < plan.connections; i++) {
  const socket = await Bun.connect<Line>({
    hostname: "127.0.0.1",
    port: plan.port,
    data: { sentAtMs: 0, pending: undefined, inBody: false, tail: "", end: "" },
    socket: {
      data: plan.stream ? onStream : onWhole,
      close: () => {
        if (stopping) return;
        throw new Error(`the connection was closed by the other side after ${requests} answers`);
      },
    },
  });
  open++;
  fire(socket);
}
await Bun.sleep(plan.warmUpMs);

let rss = 0;
const sampler = setInterval(() => (rss = Math.max(rss, residentBytes(plan.pid))), RSS_SAMPLE_MS);
measuring = true;
const begin = mark();
await Bun.sleep(plan.measureMs);
const end = mark();
measuring = false;
clearInterval(sampler);
stopping = true;
const timeout = setTimeout(() => idle.reject(new Error(`${open} answers never ended`)), DRAIN_TIMEOUT_MS);
await idle.promise;
clearTimeout(timeout);

latencies.sort((a, b) => a - b);
const result: LoadResult = {
  requests,
  tokens,
  failures,
  windowRequests: end.requests - begin.requests,
  windowTokens: end.tokens - begin.tokens,
  windowSeconds: (end.atMs - begin.atMs) / 1000,
  cpuUs: end.cpu.totalUs - begin.cpu.totalUs,
  mainThreadUs: end.cpu.mainThreadUs - begin.cpu.mainThreadUs,
  latencyMsP50: percentile(latencies, 0.5),
  latencyMsP99: percentile(latencies, 0.99),
  residentBytes: rss,
};
console.log(JSON.stringify(result));
