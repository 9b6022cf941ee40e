/**
 * A load that fills its target: a closed loop over kept-alive raw sockets. Each connection sends its next request
 * when the answer to the last one is whole. `bun closed-loop.ts '<ClosedLoopPlan as JSON>'`; prints a
 * ClosedLoopResult as JSON.
 */
import type { Socket } from "bun";
import { distribution } from "../percentile.ts";
import type { Distribution } from "../percentile.ts";
import { AnswerReader } from "./answers.ts";
import { Probe } from "./probe.ts";
import { requests } from "./request.ts";
import type { Destination } from "./request.ts";
import { watch } from "./window.ts";
import type { Usage } from "./window.ts";

export interface ClosedLoopPlan {
  readonly to: Destination;
  readonly stream: boolean;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What came back over a whole run: the books are checked against it. */
export interface Answers {
  readonly requests: number;
  readonly tokens: number;
  /** Answers that were not 200 or not whole. */
  readonly failures: number;
}

/** Inside the measured window only, but for the answers. */
export interface ClosedLoopResult extends Answers, Usage {
  readonly windowRequests: number;
  readonly windowTokens: number;
  readonly latencyMs: Distribution;
  /** How long the target's event loop could not be reached, milliseconds. */
  readonly loopDelayMs: Distribution;
}

const plan: ClosedLoopPlan = JSON.parse(process.argv[2] ?? "{}");
const LATENCIES_MAX = 2_000_000;
const DRAIN_TIMEOUT_MS = 20_000;

interface Line {
  readonly reader: AnswerReader;
  sentAtMs: number;
}

const next = requests(plan.to, plan.stream);
const sockets: Socket<Line>[] = [];
const latenciesMs: number[] = [];
const idle = Promise.withResolvers<void>();
let answered = 0;
let failures = 0;
let open = 0;
let stopping = false;
let measuring = false;

function fire(socket: Socket<Line>): void {
  if (stopping) {
    socket.end();
    if (--open === 0) idle.resolve();
    return;
  }
  socket.data.sentAtMs = performance.now();
  socket.write(next());
}

function onData(socket: Socket<Line>, packet: Buffer): void {
  const progress = socket.data.reader.read(packet);
  if (progress === "more") return;
  answered++;
  if (progress === "failed") failures++;
  if (measuring && latenciesMs.length < LATENCIES_MAX)
    latenciesMs.push(performance.now() - socket.data.sentAtMs);
  fire(socket);
}

function tokens(): number {
  return sockets.reduce((sum, { data }) => sum + data.reader.tokens, 0);
}

for (let i = 0; i < plan.connections; i++) {
  const socket = await Bun.connect<Line>({
    hostname: "127.0.0.1",
    port: plan.to.port,
    data: { reader: new AnswerReader(plan.stream), sentAtMs: 0 },
    socket: {
      data: onData,
      close: () => {
        if (stopping) return;
        throw new Error(`the connection was closed by the other side after ${answered} answers`);
      },
    },
  });
  sockets.push(socket);
  open++;
  fire(socket);
}
const probe = await Probe.start(plan.to.port);
await Bun.sleep(plan.warmUpMs);

measuring = true;
probe.beginWindow();
const before = { answered, tokens: tokens() };
const usage = await watch(plan.to, plan.measureMs);
const after = { answered, tokens: tokens() };
measuring = false;
probe.endWindow();
stopping = true;
const onTimeout = () => idle.reject(new Error(`${open} answers never ended`));
const timeout = setTimeout(onTimeout, DRAIN_TIMEOUT_MS);
await idle.promise;
clearTimeout(timeout);
// Only now: a target that is overloaded may not answer the last probe before the load ends.
const loopDelayMs = await probe.stop();

const result: ClosedLoopResult = {
  ...usage,
  requests: answered,
  tokens: tokens(),
  failures,
  windowRequests: after.answered - before.answered,
  windowTokens: after.tokens - before.tokens,
  latencyMs: distribution(latenciesMs),
  loopDelayMs,
};
console.log(JSON.stringify(result));
