import { yardsticksOf } from "./figure.ts";
import type { Figure, Yardsticks } from "./figure.ts";
import { median } from "./percentile.ts";
import { tabulate, valueText } from "./report.ts";

/** Of a figure that was measured once in a run nobody knows the spread: it counts as this much, either way. */
const SPREAD_OF_ONE = 0.05;
const HEAD = ["figure", "stored", "now", "now / stored", "measured by", ""];

/** What became of one figure since another run. */
export interface Change {
  readonly figure: Figure;
  readonly before: number;
  readonly after: number;
  /** Of the normalised medians; above 1 is more than before. */
  readonly ratio: number;
  /** What both were divided by: the bare Bun proxy of their own run. */
  readonly measuredBy: string | undefined;
  /** Whether the rounds of the two runs do not overlap. */
  readonly isBeyondSpread: boolean;
}

/** The gateway's figures that both runs have. Each is measured by the bare Bun proxy of its own run, if it scales. */
export function compare(before: readonly Figure[], after: readonly Figure[]): Change[] {
  const [yardsticksBefore, yardsticksAfter] = [yardsticksOf(before), yardsticksOf(after)];
  return after.flatMap((figure) => {
    const former = before.find(({ id }) => id === figure.id);
    const [then, now] = [median(former?.values.gateway ?? []), median(figure.values.gateway ?? [])];
    if (!former || then === undefined || now === undefined) return [];
    const { scalesWith } = figure;
    const measuredBy =
      scalesWith && yardsticksBefore[scalesWith] !== undefined && yardsticksAfter[scalesWith] !== undefined
        ? scalesWith
        : undefined;
    const [a, b] = measuredBy
      ? [normalised(former, yardsticksBefore), normalised(figure, yardsticksAfter)]
      : [former.values.gateway ?? [], figure.values.gateway ?? []];
    return [
      {
        figure,
        before: then,
        after: now,
        ratio: (median(b) ?? 0) / (median(a) ?? 0),
        measuredBy,
        isBeyondSpread: areApart(spread(a), spread(b)),
      },
    ];
  });
}

/**
 * Round by round by the proxy's own cost where it has the same figure, so that a noisy round is noisy for both;
 * otherwise by its median cost of that work in the run.
 */
function normalised({ values, unit, scalesWith }: Figure, yardsticks: Yardsticks): number[] {
  const overall = (scalesWith && yardsticks[scalesWith]) ?? 1;
  const own = unit === "µs" ? values.bun : undefined;
  return (values.gateway ?? []).map((value, round) => {
    const us = own?.[round] ?? overall;
    return unit === "/s" ? value * us : value / us;
  });
}

function spread(values: readonly number[]): readonly [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.length > 1 ? [least, most] : [least * (1 - SPREAD_OF_ONE), most * (1 + SPREAD_OF_ONE)];
}

function areApart([a1, a2]: readonly [number, number], [b1, b2]: readonly [number, number]): boolean {
  return a2 < b1 || b2 < a1;
}

/** The changes as a table. */
export function changeTable(changes: readonly Change[]): string {
  const lines = changes.map((change) => [
    change.figure.name,
    valueText(change.before, change.figure),
    valueText(change.after, change.figure),
    Number.isFinite(change.ratio) ? `${change.ratio.toFixed(2)} ×` : "-",
    change.measuredBy ?? "-",
    change.isBeyondSpread ? direction(change) : "",
  ]);
  return tabulate(HEAD, lines);
}

function direction({ figure: { unit }, before, after, ratio }: Change): string {
  const isMore = Number.isFinite(ratio) && ratio > 0 ? ratio > 1 : after > before;
  const isMoreBetter = unit === "/s" || unit === "";
  if (unit === "%") return isMore ? "more" : "less";
  return isMore === isMoreBetter ? "better" : "worse";
}
