/**
 * Many streams open at once, each with a slow trickle of chunks. Opens as many as the first step says, watches the
 * target, opens up to the next step, and so on; then lets the upstream end all of them.
 * `bun open-streams.ts '<OpenStreamsPlan as JSON>'`; prints an OpenStreamsResult as JSON.
 */
import type { Socket } from "bun";
import type { Distribution } from "../percentile.ts";
import { AnswerReader } from "./answers.ts";
import type { Answers } from "./closed-loop.ts";
import { Probe } from "./probe.ts";
import { requests } from "./request.ts";
import type { Destination } from "./request.ts";
import { watch } from "./window.ts";
import type { Usage } from "./window.ts";
import { RELEASE_PATH } from "./work.ts";

export interface OpenStreamsPlan {
  readonly to: Destination;
  /** Streams open at each step, rising. */
  readonly steps: readonly number[];
  /** Streams opened per second. */
  readonly perSecond: number;
  /** Milliseconds between the first token of the last stream of a step and its measuring. */
  readonly settleMs: number;
  readonly measureMs: number;
  /** Where the upstream listens that ends the streams. */
  readonly upstreamPort: number;
}

/** All streams of a step open. */
export interface Step extends Usage {
  readonly streams: number;
  readonly windowTokens: number;
  /** How long the target's event loop could not be reached, milliseconds. */
  readonly loopDelayMs: Distribution;
}

export interface OpenStreamsResult extends Answers {
  readonly steps: readonly Step[];
}

interface Line {
  readonly reader: AnswerReader;
  ended: boolean;
}

const plan: OpenStreamsPlan = JSON.parse(process.argv[2] ?? "{}");
const BATCH = 50;
const DEADLINE_MS = 60_000;
const POLL_MS = 20;

const next = requests(plan.to, true);
const sockets: Socket<Line>[] = [];
let ended = 0;
let failures = 0;
let released = false;

function finish(socket: Socket<Line>, isWhole: boolean): void {
  if (socket.data.ended) return;
  socket.data.ended = true;
  ended++;
  if (!isWhole || !released) failures++;
  socket.end();
}

function onData(socket: Socket<Line>, packet: Buffer): void {
  const progress = socket.data.reader.read(packet);
  if (progress !== "more") finish(socket, progress === "whole");
}

async function open(): Promise<void> {
  const socket = await Bun.connect<Line>({
    hostname: "127.0.0.1",
    port: plan.to.port,
    data: { reader: new AnswerReader(true), ended: false },
    socket: { data: onData, close: (closed) => finish(closed, false) },
  });
  sockets.push(socket);
  socket.write(next());
}

/** Opens streams until there are so many, batch by batch. */
async function openUntil(streams: number): Promise<void> {
  while (sockets.length < streams) {
    const batch = Math.min(BATCH, streams - sockets.length);
    const pause = Bun.sleep((batch * 1000) / plan.perSecond);
    await Promise.all(Array.from({ length: batch }, open));
    await pause;
  }
}

/** Waits until all is as it should be; throws when that takes too long or a stream fails. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!isSo()) {
    if (failures > 0) throw new Error(`${failures} of ${sockets.length} streams failed, waiting for ${what}`);
    if (performance.now() > deadline) {
      const silent = sockets.filter(({ data }) => data.reader.tokens === 0).length;
      throw new Error(`no ${what} in ${DEADLINE_MS} ms: ${silent} of ${sockets.length} streams are silent`);
    }
    await Bun.sleep(POLL_MS);
  }
}

function tokens(): number {
  return sockets.reduce((sum, { data }) => sum + data.reader.tokens, 0);
}

async function step(streams: number): Promise<Step> {
  await openUntil(streams);
  await until("first token of each stream", () => sockets.every(({ data }) => data.reader.tokens > 0));
  const probe = await Probe.start(plan.to.port);
  await Bun.sleep(plan.settleMs);
  probe.beginWindow();
  const before = tokens();
  const usage = await watch(plan.to, plan.measureMs);
  const windowTokens = tokens() - before;
  probe.endWindow();
  return { ...usage, streams, windowTokens, loopDelayMs: await probe.stop() };
}

const steps: Step[] = [];
for (const streams of plan.steps) steps.push(await step(streams));
released = true;
await fetch(`http://127.0.0.1:${plan.upstreamPort}${RELEASE_PATH}`);
await until("end of each stream", () => ended === sockets.length);

const result: OpenStreamsResult = { requests: ended, tokens: tokens(), failures, steps };
console.log(JSON.stringify(result));
process.exit(0);
