import type { Column, Figure, Floor } from "../figure.ts";
import { COLUMNS } from "../figure.ts";
import type { Destination } from "../load/request.ts";
import type { ScheduledPlan, ScheduledResult } from "../load/scheduled.ts";
import { checkBooks, inTurn, startMeasured } from "../measure.ts";
import type { Bench, Found, Measurements } from "../measure.ts";
import { median } from "../percentile.ts";
import type { Distribution } from "../percentile.ts";
import { drive } from "../spawn.ts";
import { withoutKeys } from "../targets.ts";
import { NGINX_WARM_UP_MS, PACE } from "./chat.ts";

const PER_SECOND = 1000;
const SHAPE = { connections: 300, perSecond: PER_SECOND, warmUpMs: 500 } as const;
const WARM_UP_MS = 6000;
const UPSTREAM_PATH = "/v1/chat/completions";

const ROWS: readonly { at: keyof Distribution; floor?: Floor }[] = [
  { at: "p50", floor: { sense: "at most", floor: 0.5, aim: 0.25 } },
  { at: "p99", floor: { sense: "at most", floor: 3, aim: 1 } },
  { at: "max" },
];

function scheduled(to: Destination): (measureMs: number) => Promise<ScheduledResult> {
  return (measureMs) => drive("scheduled.ts", { to, ...SHAPE, measureMs } satisfies ScheduledPlan);
}

/** Round by round, what a program adds to what the upstream takes by itself. */
function added(all: Measurements<ScheduledResult>, column: Column, at: keyof Distribution): number[] {
  const direct = all.rounds("upstream");
  return all.rounds(column).map((r, i) => r.latencyMs[at] - (direct[i]?.latencyMs[at] ?? 0));
}

function figure(all: Measurements<ScheduledResult>, { at, floor }: (typeof ROWS)[number]): Figure {
  const columns = COLUMNS.filter((column) => all.rounds(column).length > 0);
  return {
    id: `latency.${at}`,
    name: `added latency ${at}, ${PER_SECOND} calls/s`,
    unit: "ms",
    digits: 2,
    scalesWith: "chat call",
    ...(floor && { floor }),
    values: Object.fromEntries(columns.map((column) => [column, added(all, column, at)])),
  };
}

function note(direct: readonly ScheduledResult[], through: readonly ScheduledResult[]): string {
  const middle = (of: readonly ScheduledResult[], pick: (r: ScheduledResult) => number) =>
    (median(of.map(pick)) ?? 0).toFixed(2);
  const whole = (["p50", "p99", "max"] as const).map((at) => middle(direct, (r) => r.latencyMs[at]));
  return (
    `Added latency: the upstream alone answered in ${whole.join(" / ")} ms (p50 / p99 / max), which is taken off. ` +
    `Calls were sent ${middle(through, (r) => r.sentLateMs.p50)} / ${middle(through, (r) => r.sentLateMs.p99)} ms ` +
    "late (p50 / p99); that is in every column."
  );
}

/** What a call waits longer for its answer when it does not go to the upstream directly, at a moderate rate. */
export async function latency(bench: Bench): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const measured = await startMeasured(stack, PACE);
  const { upstream, bun, nginx } = bench.references;
  const direct = { ...withoutKeys(upstream.port, upstream.pid), path: UPSTREAM_PATH };
  const all = await inTurn(bench, [
    { name: "upstream", warmUpMs: WARM_UP_MS / 2, run: scheduled(direct) },
    { name: "gateway", warmUpMs: WARM_UP_MS, run: scheduled(measured.target.to) },
    { name: "bun", warmUpMs: WARM_UP_MS, run: scheduled(bun.to) },
    ...(nginx ? [{ name: "nginx", warmUpMs: NGINX_WARM_UP_MS, run: scheduled(nginx.to) }] : []),
  ]);
  const answers = all.answers("gateway");
  return {
    figures: ROWS.map((row) => figure(all, row)),
    notes: [note(all.rounds("upstream"), all.rounds("gateway"))],
    answers,
    faults: await checkBooks(measured, answers),
  };
}
