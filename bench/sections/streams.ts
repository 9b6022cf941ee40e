import { figuresOf } from "../figure.ts";
import type { Row } from "../figure.ts";
import type { ClosedLoopResult } from "../load/closed-loop.ts";
import { checkBooks, closedLoop, inTurn, startMeasured, sum } from "../measure.ts";
import type { Bench, Found } from "../measure.ts";
import { OPENAI_PATH } from "../targets.ts";
import { MB, NGINX_WARM_UP_MS, PACE } from "./chat.ts";

/** What a stream begins and ends with runs 160 times a second here, not 10 000 times: the compiler is at it for longer. */
const WARM_UP_MS = 20_000;
const STREAMS = { connections: 400, warmUpMs: 1000, stream: true } as const;

function cpuPerChunk(r: ClosedLoopResult): number {
  return r.cpuUs / r.windowTokens;
}

const TRANSLATED: readonly Row<ClosedLoopResult>[] = [
  {
    id: "streams.translated",
    name: "CPU per chunk, translated",
    unit: "µs",
    digits: 1,
    floor: { sense: "at most", floor: 18, aim: 12, scales: true },
    scalesWith: "streamed chunk",
    value: cpuPerChunk,
  },
  {
    id: "streams.rate",
    name: "  chunks per second",
    unit: "/s",
    value: (r) => r.windowTokens / r.seconds,
  },
  { id: "streams.busy", name: "  core busy", unit: "%", value: (r) => r.cpuUs / r.seconds / 10_000 },
  {
    id: "streams.loop_p50",
    name: "  event-loop delay p50",
    unit: "ms",
    digits: 2,
    scalesWith: "streamed chunk",
    value: (r) => r.loopDelayMs.p50,
  },
  {
    id: "streams.loop_p99",
    name: "  event-loop delay p99",
    unit: "ms",
    digits: 2,
    scalesWith: "streamed chunk",
    value: (r) => r.loopDelayMs.p99,
  },
  { id: "streams.memory", name: "  memory, 400 streams", unit: "MB", value: (r) => r.residentBytes / MB },
];

const RELAYED: readonly Row<ClosedLoopResult>[] = [
  {
    id: "streams.relayed",
    name: "CPU per chunk, same dialect",
    unit: "µs",
    digits: 1,
    floor: { sense: "at most", floor: 12, aim: 8, scales: true },
    scalesWith: "streamed chunk",
    value: cpuPerChunk,
  },
];

/** Many streams at once, through the native API and through the door of the upstream's own dialect. */
export async function streams(bench: Bench): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const measured = await startMeasured(stack, PACE);
  const { to } = measured.target;
  const { bun, nginx } = bench.references;
  const relayed = { ...to, path: OPENAI_PATH };
  const all = await inTurn(bench, [
    { name: "translated", warmUpMs: WARM_UP_MS, run: closedLoop(to, STREAMS) },
    { name: "relayed", warmUpMs: WARM_UP_MS, run: closedLoop(relayed, STREAMS) },
    { name: "bun", warmUpMs: WARM_UP_MS, run: closedLoop(bun.to, STREAMS) },
    ...(nginx ? [{ name: "nginx", warmUpMs: NGINX_WARM_UP_MS, run: closedLoop(nginx.to, STREAMS) }] : []),
  ]);
  const answers = sum([all.answers("translated"), all.answers("relayed")]);
  return {
    figures: [
      ...figuresOf(TRANSLATED, all.columns("translated")),
      ...figuresOf(RELAYED, all.columns("relayed")),
    ],
    notes: [],
    answers,
    faults: await checkBooks(measured, answers),
  };
}
