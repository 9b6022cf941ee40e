import type { ReactNode } from "react";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { formatDateTime } from "../../lib/format.ts";
import { blocksOf, measureWords } from "./chart.ts";
import type { Chart, ChartSpan, Measure } from "./chart.ts";
import type { Unit } from "./question.ts";

const SLOT_WIDTH = 10;
const GAP = 1.5;
const HEIGHT = 100;

const FILLS = ["fill-series-1", "fill-series-2", "fill-series-3", "fill-series-4"] as const;
const SWATCHES = ["bg-series-1", "bg-series-2", "bg-series-3", "bg-series-4"] as const;

interface UsageChartProps {
  readonly chart: Chart;
  readonly measure: Measure;
  readonly unit: Unit;
  readonly timeZone: string;
  /** What the parts of a bar are called, the rest last. */
  readonly names: readonly ReactNode[];
}

/** Bars over days or hours, made of the largest groups; the same figures as a table beneath. */
export function UsageChart({ chart, measure, unit, timeZone, names }: UsageChartProps): ReactNode {
  const isSingle = names.length <= 1;
  return (
    <figure className="grid gap-3">
      <figcaption className="flex flex-wrap gap-x-5 gap-y-1 text-xs">
        {!isSingle &&
          names.map((name, at) => (
            // The parts of a chart have their places for good.
            // oxlint-disable-next-line react/no-array-index-key -- see above
            <span key={at} className="inline-flex min-w-0 items-center gap-1.5">
              <Swatch at={at} isRest={at === chart.sums.length - 1} />
              <span className="min-w-0 break-words">{name}</span>
              <span className="text-muted tabular-nums">{measureWords(measure, chart.sums[at] ?? "0")}</span>
            </span>
          ))}
      </figcaption>
      <Bars chart={chart} measure={measure} unit={unit} isSingle={isSingle} />
      <details className="rounded-lg border border-line">
        <summary className="px-3 py-2 text-sm font-medium">The figures of the chart</summary>
        <div className="p-3">
          <DataTable
            caption={`${measure} by ${unit}, ${timeZone}`}
            columns={columnsOf({ chart, measure, unit, timeZone, names })}
            rows={chart.spans}
            keyOf={({ label }) => label}
          />
        </div>
      </details>
    </figure>
  );
}

function Swatch({ at, isRest }: { at: number; isRest: boolean }): ReactNode {
  const fill = isRest ? "bg-edge" : (SWATCHES[at] ?? "bg-edge");
  return <span aria-hidden="true" className={`size-2.5 shrink-0 rounded-sm ${fill}`} />;
}

interface BarsProps {
  readonly chart: Chart;
  readonly measure: Measure;
  readonly unit: Unit;
  readonly isSingle: boolean;
}

function Bars({ chart, measure, unit, isSingle }: BarsProps): ReactNode {
  const { slots, from, to, spans, most } = chart;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <p className="text-xs text-muted tabular-nums">{measureWords(measure, most)}</p>
      <svg
        role="img"
        aria-label={`${measure} by ${unit}: ${spans.length} with usage, the most ${measureWords(measure, most)}. The table beneath has each.`}
        viewBox={`0 0 ${slots * SLOT_WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-48 w-full border-y border-line"
      >
        {spans.map((span) => (
          <Bar key={span.label} span={span} most={most} isSingle={isSingle}>
            {`${spanWords(span.label, unit)}: ${measureWords(measure, span.total)}`}
          </Bar>
        ))}
      </svg>
      <p className="flex justify-between gap-4 text-xs text-muted">
        <span>{spanWords(from, unit)}</span>
        {from !== to && <span>{spanWords(to, unit)}</span>}
      </p>
    </div>
  );
}

interface BarProps {
  readonly span: ChartSpan;
  readonly most: string;
  readonly isSingle: boolean;
  /** What the pointer is told. */
  readonly children: string;
}

function Bar({ span, most, isSingle, children }: BarProps): ReactNode {
  const left = span.slot * SLOT_WIDTH;
  const rest = isSingle ? -1 : span.parts.length - 1;
  return (
    <g>
      <title>{children}</title>
      {/* The whole height answers to the pointer. */}
      <rect x={left} width={SLOT_WIDTH} height={HEIGHT} className="fill-transparent hover:fill-raised" />
      {blocksOf(span, most).map(({ part, from, height }) => (
        <rect
          key={part}
          x={left + GAP / 2}
          width={SLOT_WIDTH - GAP}
          y={HEIGHT * (1 - from - height)}
          height={HEIGHT * height}
          className={`pointer-events-none ${part === rest ? "fill-edge" : (FILLS[part] ?? "fill-edge")}`}
        />
      ))}
    </g>
  );
}

/** A day as the API labels it; an hour as its reader's clock shows it. */
function spanWords(label: string, unit: Unit): string {
  return unit === "day" ? label : formatDateTime(label);
}

function columnsOf({ measure, unit, names }: UsageChartProps): readonly Column<ChartSpan>[] {
  return [
    { header: unit === "day" ? "Day" : "Hour", isHeader: true, cell: ({ label }) => spanWords(label, unit) },
    { header: "Total", align: "right", cell: ({ total }) => measureWords(measure, total) },
    ...(names.length > 1
      ? names.map((name, at): Column<ChartSpan> => ({
          header: `Part ${at + 1}`,
          label: name,
          align: "right",
          cell: ({ parts }) => measureWords(measure, parts[at] ?? "0"),
        }))
      : []),
  ];
}
