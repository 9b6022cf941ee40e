import { MONTH_CLOSES_MS } from "../../core/ledger.ts";
import type { Scope } from "../../core/scope.ts";
import { Months } from "../../settlement/ledger/months.ts";
import type { AdjustedMonth } from "../../store/ledger/adjustments.ts";
import type { Reader } from "../../store/store.ts";
import {
  type LateLine,
  lateLines,
  type StatementLine,
  type StatementMonth,
  statementLines,
  type StatementNarrowing,
} from "../../store/usage/statement.ts";
import { addSums } from "../../store/usage/sums.ts";
import { monthSpan } from "./period.ts";

/** A line of a statement; `forMonth` where it is about a month that was closed when it arrived. */
export type Line = StatementLine & { readonly forMonth?: string };

/** A month of a zone's calendar, as its statement has it at an instant. */
export function statementMonthOf(label: string, zone: string, asOf: number): AdjustedMonth {
  const span = monthSpan(label, zone);
  const previous = new Months().of(zone, span.startMs - 1);
  return {
    ...span,
    label,
    previousLabel: previous.label,
    previousMs: previous.startMs,
    isClosed: asOf >= span.endMs + MONTH_CLOSES_MS,
  };
}

/** The lines of a month: its own, by tenant and model, and those that came too late for theirs, by month. */
export async function linesOf(
  read: Reader,
  scope: Scope,
  narrowing: StatementNarrowing,
  asked: StatementMonth,
  zone: string,
): Promise<Line[]> {
  const own = await statementLines(read, scope, narrowing, asked);
  return [...own, ...byMonth(await lateLines(read, scope, narrowing, asked), zone)];
}

function byMonth(late: readonly LateLine[], zone: string): Line[] {
  const months = new Months();
  const lines = new Map<string, Line>();
  for (const { bucket, ...line } of late) {
    const forMonth = months.of(zone, bucket).label;
    const key = [forMonth, line.tenantId, line.modelSlug].join("\n");
    const there = lines.get(key);
    lines.set(key, { ...line, ...(there && addSums(there, line)), forMonth });
  }
  return [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}
