import type { Trace } from "../../api/types.ts";
import { formatMoney } from "../../lib/format.ts";

/** Steps whose note is an amount: what was reserved, and what was charged. */
const AMOUNT_STEPS: ReadonlySet<string> = new Set(["held", "settled"]);

/** A stretch of a request's life. Milliseconds from its arrival. */
export interface Bar {
  readonly id: string;
  readonly label: string;
  readonly note: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: "stage" | "attempt" | "failed_attempt";
}

/**
 * The timeline as bars. A step is noted at its end, so its bar begins where the step before it ended; attempts have
 * both ends of their own and stand where they began.
 */
export function barsOf(trace: Pick<Trace, "timeline" | "attempts">): readonly Bar[] {
  let before = 0;
  const stages = trace.timeline.map(({ step, at_ms: endMs, note }, at): Bar => {
    const startMs = Math.min(before, endMs);
    before = endMs;
    const isAmount = AMOUNT_STEPS.has(step) && note !== undefined && /^\d+(\.\d+)?$/.test(note);
    return {
      id: `step ${at}`,
      label: step.replaceAll("_", " "),
      note: isAmount ? formatMoney(note) : note,
      startMs,
      endMs,
      kind: "stage",
    };
  });
  const attempts = trace.attempts.map((attempt, at): Bar => ({
    id: `attempt ${at}`,
    label: `attempt ${at + 1}`,
    note: attempt.outcome === "ok" ? undefined : attempt.outcome.replaceAll("_", " "),
    startMs: attempt.started_ms,
    endMs: attempt.started_ms + attempt.duration_ms,
    kind: attempt.outcome === "ok" ? "attempt" : "failed_attempt",
  }));
  return [...stages, ...attempts].sort((a, b) => a.endMs - b.endMs);
}
