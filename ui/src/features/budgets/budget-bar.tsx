import { useId } from "react";
import type { ReactNode } from "react";

const WIDTH = 1000;
const HEIGHT = 14;

interface BudgetBarProps {
  /** What the bar shows, in words, for those who do not see it. */
  readonly words: string;
  /** Shares of the limit. */
  readonly spent: number;
  readonly reserved: number;
  /** Where the limit begins to be nearly used up. */
  readonly soft: number | undefined;
  readonly forecast: number | undefined;
}

/** Spent solid, reserved hatched; a line where the soft limit is, another where the forecast ends. */
export function BudgetBar({ words, spent, reserved, soft, forecast }: BudgetBarProps): ReactNode {
  const hatch = useId();
  // More may be spent than the limit is now: then all of the bar stands for what was spent.
  const whole = Math.max(1, spent + reserved);
  const at = (share: number): number => (Math.min(share, whole) / whole) * WIDTH;
  const isOver = spent >= 1;
  return (
    <svg
      role="img"
      aria-label={words}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="block h-3.5 w-full rounded"
    >
      <defs>
        <pattern id={hatch} width="16" height={HEIGHT} patternUnits="userSpaceOnUse">
          <rect width="8" height={HEIGHT} className={isOver ? "fill-bad" : "fill-accent"} />
        </pattern>
      </defs>
      <rect width={WIDTH} height={HEIGHT} className="fill-raised" />
      <rect width={at(spent)} height={HEIGHT} className={isOver ? "fill-bad" : "fill-accent"} />
      <rect x={at(spent)} width={at(spent + reserved) - at(spent)} height={HEIGHT} fill={`url(#${hatch})`} />
      {soft !== undefined && soft < 1 && <Line x={at(soft)} className="stroke-warn" />}
      {forecast !== undefined && forecast < whole && (
        <Line x={at(forecast)} className="stroke-ink" dashes="3 2" />
      )}
      {whole > 1 && <Line x={at(1)} className="stroke-ink" />}
    </svg>
  );
}

function Line({ x, className, dashes }: { x: number; className: string; dashes?: string }): ReactNode {
  return (
    <line
      x1={x}
      x2={x}
      y1="0"
      y2={HEIGHT}
      vectorEffect="non-scaling-stroke"
      strokeWidth="2"
      strokeDasharray={dashes}
      className={className}
    />
  );
}
