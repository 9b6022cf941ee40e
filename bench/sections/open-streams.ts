import { figuresOf } from "../figure.ts";
import type { Figure, Row } from "../figure.ts";
import type { OpenStreamsPlan, OpenStreamsResult, Step } from "../load/open-streams.ts";
import { residentBytes } from "../load/proc.ts";
import { checkBooks, startMeasured } from "../measure.ts";
import type { Bench, Found } from "../measure.ts";
import { descriptorsMax, drive } from "../spawn.ts";
import { MB } from "./chat.ts";

const PACE = { intervalMs: 1000, held: true } as const;
const STREAMS_FLOOR = 5_000;
const STREAMS_AIM = 10_000;
/** Of the gateway: one socket to the caller and one to the upstream. */
const SOCKETS_PER_STREAM = 2;
/** Above this share of its descriptors the gateway refuses new calls. */
const DESCRIPTORS_SHARE = 0.8;
/** Files, listeners, idle connections. */
const OTHER_DESCRIPTORS = 300;
const OPENED_PER_SECOND = 1_000;
const IDLE_MS = 1000;
const KB = 1024;

/** How many streams to open: the aim, or what the descriptors allow. */
export function streamsMax(descriptors: number): number {
  const allowed =
    Math.floor((descriptors * DESCRIPTORS_SHARE - OTHER_DESCRIPTORS) / SOCKETS_PER_STREAM / 100) * 100;
  return Math.min(STREAMS_AIM, allowed);
}

interface Measured extends Step {
  readonly idleBytes: number;
}

function rows(streams: number, isLast: boolean): readonly Row<Measured>[] {
  const id = isLast ? "many" : "floor";
  return [
    {
      id: `open.${id}.memory`,
      name: `memory per stream, ${streams} open`,
      unit: "kB",
      digits: 1,
      floor: { sense: "at most", floor: 60, aim: 30 },
      value: (step) => (step.residentBytes - step.idleBytes) / step.streams / KB,
    },
    { id: `open.${id}.resident`, name: "  memory in all", unit: "MB", value: (s) => s.residentBytes / MB },
    { id: `open.${id}.busy`, name: "  core busy", unit: "%", value: (s) => s.cpuUs / s.seconds / 10_000 },
    {
      id: `open.${id}.loop_p50`,
      name: "  event-loop delay p50",
      unit: "ms",
      digits: 2,
      scalesWith: "streamed chunk",
      value: (s) => s.loopDelayMs.p50,
    },
    {
      id: `open.${id}.loop_p99`,
      name: "  event-loop delay p99",
      unit: "ms",
      digits: 2,
      scalesWith: "streamed chunk",
      value: (s) => s.loopDelayMs.p99,
    },
  ];
}

function countFigure({ steps }: OpenStreamsResult): Figure {
  return {
    id: "open.streams",
    name: "open streams in one process",
    unit: "",
    floor: { sense: "at least", floor: STREAMS_FLOOR, aim: STREAMS_AIM },
    values: { gateway: [Math.max(...steps.map(({ streams }) => streams))] },
  };
}

/** Thousands of streams open at once, one chunk a second each; all of them end well. */
export async function openStreams(bench: Bench): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const measured = await startMeasured(stack, PACE);
  const { to } = measured.target;
  const many = streamsMax(descriptorsMax());
  await Bun.sleep(IDLE_MS);
  const idleBytes = residentBytes(to.pid);
  const result = await drive<OpenStreamsResult>("open-streams.ts", {
    to,
    steps: many > STREAMS_FLOOR ? [STREAMS_FLOOR, many] : [many],
    perSecond: OPENED_PER_SECOND,
    settleMs: 2 * PACE.intervalMs,
    measureMs: Math.max(2 * PACE.intervalMs, bench.measureMs),
    upstreamPort: measured.upstream.port,
  } satisfies OpenStreamsPlan);
  return {
    figures: [
      countFigure(result),
      ...result.steps.flatMap((step, i) =>
        figuresOf(rows(step.streams, i === result.steps.length - 1), { gateway: [{ ...step, idleBytes }] }),
      ),
    ],
    notes:
      many < STREAMS_AIM
        ? [
            `Open streams: a process may have ${descriptorsMax()} descriptors here, enough for ${many} streams.`,
          ]
        : [],
    answers: result,
    faults: await checkBooks(measured, result),
  };
}
