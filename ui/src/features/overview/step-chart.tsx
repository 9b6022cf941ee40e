import type { ReactNode } from "react";
import { HEIGHT, mostOf, SLOT_WIDTH, stepsOf } from "./steps.ts";

const STROKES = ["stroke-series-1", "stroke-series-2"] as const;
const SWATCHES = ["bg-series-1", "bg-series-2"] as const;

/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** One for each slot; undefined where there was nothing to measure. */
  readonly values: readonly (number | undefined)[];
  /** Of the whole time, in words. */
  readonly total: string;
}

interface StepChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  /** A value in words. */
  readonly words: (value: number) => string;
}

/** A few lines over time; the figures stand in a table beneath all of the charts. */
export function StepChart({ title, lines, words }: StepChartProps): ReactNode {
  const most = mostOf(lines.map(({ values }) => values));
  const slots = lines[0]?.values.length ?? 0;
  const totals = lines.map(({ name, total }) => `${name} ${total}`).join(", ");
  return (
    <figure className="grid grid-cols-[minmax(0,1fr)] content-start gap-1">
      <figcaption className="grid gap-1">
        <span className="text-sm font-medium">{title}</span>
        <span className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
          {lines.map(({ name, total }, at) => (
            <span key={name} className="inline-flex items-center gap-1.5">
              <span aria-hidden="true" className={`size-2.5 rounded-sm ${SWATCHES[at] ?? "bg-edge"}`} />
              {name} <strong className="tabular-nums">{total}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <p className="text-right text-xs text-muted tabular-nums">{words(most)}</p>
      <svg
        role="img"
        aria-label={`${title}: ${totals}; the most ${words(most)}.`}
        viewBox={`0 0 ${slots * SLOT_WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-24 w-full border-y border-line"
      >
        {lines.map(({ name, values }, at) => (
          <path
            key={name}
            d={stepsOf(values, most)}
            vectorEffect="non-scaling-stroke"
            className={`fill-none stroke-2 ${STROKES[at] ?? "stroke-edge"}`}
          />
        ))}
      </svg>
    </figure>
  );
}
