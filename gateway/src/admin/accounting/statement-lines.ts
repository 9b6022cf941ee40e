import { MONTH_CLOSES_MS } from "../../core/ledger.ts";
import type { Scope } from "../../core/scope.ts";
import { Months } from "../../settlement/ledger/months.ts";
import type { Reader } from "../../store/store.ts";
import {
  type LateLine,
  lateLines,
  type StatementLine,
  statementLines,
  type StatementNarrowing,
} from "../../store/usage/statement.ts";
import { addSums } from "../../store/usage/sums.ts";
import { monthSpan } from "./period.ts";

/** A line of a statement; `forMonth` where it is about a month that was closed when it arrived. */
export type Line = StatementLine & { readonly forMonth?: string };

/** The lines of a month: its own, by tenant and model, and those that came too late for theirs, by month. */
export async function linesOf(
  read: Reader,
  scope: Scope,
  narrowing: StatementNarrowing,
  { month, zone, asOf }: { readonly month: string; readonly zone: string; readonly asOf: number },
): Promise<Line[]> {
  const span = monthSpan(month, zone);
  const { startMs: previousMs } = new Months().of(zone, span.startMs - 1);
  const isClosed = asOf >= span.endMs + MONTH_CLOSES_MS;
  const asked = { ...span, previousMs, isClosed };
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
