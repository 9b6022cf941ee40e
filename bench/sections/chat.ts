import { figuresOf } from "../figure.ts";
import type { Row } from "../figure.ts";
import type { ClosedLoopResult } from "../load/closed-loop.ts";
import { checkBooks, closedLoop, inTurn, startMeasured } from "../measure.ts";
import type { Bench, Found } from "../measure.ts";

/** Enough to fill a core; the answers come at once. */
export const CHAT = { connections: 64, warmUpMs: 700, stream: false } as const;
/** 400 streams are 16 000 chunks a second: below what the slowest program measured here can do. */
export const PACE = { intervalMs: 25, held: false } as const;
export const WARM_UP_MS = 8000;
/** nginx compiles nothing. */
export const NGINX_WARM_UP_MS = 1000;
export const MB = 1024 * 1024;

/** What a chat call may cost. */
export const CHAT_FLOOR = {
  sense: "at most",
  floor: 50,
  aim: 30,
  timesBun: 3,
  scales: true,
} as const;

const ROWS: readonly Row<ClosedLoopResult>[] = [
  {
    id: "chat.cpu",
    name: "CPU per chat call",
    unit: "µs",
    digits: 1,
    floor: CHAT_FLOOR,
    scalesWith: "chat call",
    value: (r) => r.cpuUs / r.windowRequests,
  },
  {
    id: "chat.main_thread",
    name: "  of it on the main thread",
    unit: "µs",
    digits: 1,
    scalesWith: "chat call",
    value: (r) => r.mainThreadUs / r.windowRequests,
  },
  {
    id: "chat.rate",
    name: "chat calls per second, one core",
    unit: "/s",
    floor: { sense: "at least", floor: 15_000, aim: 25_000, scales: true },
    scalesWith: "chat call",
    value: (r) => r.windowRequests / r.seconds,
  },
  { id: "chat.busy", name: "  core busy", unit: "%", value: (r) => r.cpuUs / r.seconds / 10_000 },
  {
    id: "chat.latency_p50",
    name: "  latency p50 at that load",
    unit: "ms",
    digits: 2,
    scalesWith: "chat call",
    value: (r) => r.latencyMs.p50,
  },
  {
    id: "chat.latency_p99",
    name: "  latency p99 at that load",
    unit: "ms",
    digits: 2,
    scalesWith: "chat call",
    value: (r) => r.latencyMs.p99,
  },
  {
    id: "chat.loop_p50",
    name: "  event-loop delay p50",
    unit: "ms",
    digits: 2,
    scalesWith: "chat call",
    value: (r) => r.loopDelayMs.p50,
  },
  {
    id: "chat.loop_p99",
    name: "  event-loop delay p99",
    unit: "ms",
    digits: 2,
    scalesWith: "chat call",
    value: (r) => r.loopDelayMs.p99,
  },
  { id: "chat.memory", name: "  memory, 64 calls at once", unit: "MB", value: (r) => r.residentBytes / MB },
];

/** Whole answers, as many as one core can do. */
export async function chat(bench: Bench): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const measured = await startMeasured(stack, PACE);
  const { bun, nginx } = bench.references;
  const measurements = await inTurn(bench, [
    { name: "gateway", warmUpMs: WARM_UP_MS, run: closedLoop(measured.target.to, CHAT) },
    { name: "bun", warmUpMs: WARM_UP_MS, run: closedLoop(bun.to, CHAT) },
    ...(nginx ? [{ name: "nginx", warmUpMs: NGINX_WARM_UP_MS, run: closedLoop(nginx.to, CHAT) }] : []),
  ]);
  const answers = measurements.answers("gateway");
  return {
    figures: figuresOf(ROWS, measurements.columns()),
    notes: [],
    answers,
    faults: await checkBooks(measured, answers),
  };
}
