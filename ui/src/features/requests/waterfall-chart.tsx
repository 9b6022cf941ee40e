import type { ReactNode } from "react";
import type { Trace } from "../../api/types.ts";
import { formatMs } from "../../lib/format.ts";
import { barsOf } from "./waterfall.ts";
import type { Bar } from "./waterfall.ts";

/** A bar of no width would not be seen. Percent. */
const WIDTH_MIN = 0.4;
const FILLS: Readonly<Record<Bar["kind"], string>> = {
  stage: "bg-edge",
  attempt: "bg-accent",
  failed_attempt: "bg-bad",
};

/** The life of a request, one row for each step and each attempt. */
export function Waterfall({ trace }: { trace: Trace }): ReactNode {
  const bars = barsOf(trace);
  const totalMs = Math.max(trace.duration_ms, ...bars.map((bar) => bar.endMs), Number.MIN_VALUE);
  return (
    <>
      <ol className="grid gap-1.5">
        {bars.map((bar) => (
          <Row key={bar.id} bar={bar} totalMs={totalMs} />
        ))}
      </ol>
      <p className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        <Legend fill={FILLS.stage}>gateway</Legend>
        <Legend fill={FILLS.attempt}>attempt at a backend</Legend>
        <Legend fill={FILLS.failed_attempt}>failed attempt</Legend>
      </p>
    </>
  );
}

function Legend({ fill, children }: { fill: string; children: ReactNode }): ReactNode {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden="true" className={`h-2 w-3 rounded-sm ${fill}`} />
      {children}
    </span>
  );
}

function Row({ bar, totalMs }: { bar: Bar; totalMs: number }): ReactNode {
  const left = (bar.startMs / totalMs) * 100;
  const width = Math.max(((bar.endMs - bar.startMs) / totalMs) * 100, WIDTH_MIN);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_5rem] items-center gap-x-3 gap-y-1 text-xs sm:grid-cols-[minmax(0,13rem)_minmax(0,1fr)_5rem]">
      <span className="min-w-0">
        <span className="font-medium">{bar.label}</span>
        {bar.note !== undefined && <span className="ml-2 break-words text-muted">{bar.note}</span>}
      </span>
      <span
        aria-hidden="true"
        className="relative order-last col-span-2 h-3 overflow-hidden rounded-sm bg-raised sm:order-none sm:col-span-1"
      >
        <span
          className={`absolute inset-y-0 rounded-sm ${FILLS[bar.kind]}`}
          style={{ left: `${Math.min(left, 100 - WIDTH_MIN)}%`, width: `${width}%` }}
        />
      </span>
      <span
        className="text-right tabular-nums"
        title={`from ${formatMs(bar.startMs)} to ${formatMs(bar.endMs)}`}
      >
        {formatMs(bar.endMs - bar.startMs)}
      </span>
    </li>
  );
}
