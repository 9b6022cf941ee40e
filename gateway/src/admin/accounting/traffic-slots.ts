import { Latencies } from "../../telemetry/latencies.ts";
import type { TrafficMinute } from "../../telemetry/traffic.ts";

/** So many fit beside each other in a chart, and of an hour each is a minute. */
export const SLOTS = 60;

/** What ended in one stretch of time. */
export interface Slot {
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly seconds: number;
  readonly requests: number;
  readonly outcomes: TrafficMinute["outcomes"];
  readonly latencies: Latencies;
  readonly firstContents: Latencies;
}

/** Minutes of any number of nodes, put together into `SLOTS` slots from `startMs` on, and into one. */
export function slotsOf(
  minutes: readonly TrafficMinute[],
  { startMs, slotMs }: { readonly startMs: number; readonly slotMs: number },
): { readonly slots: readonly Slot[]; readonly totals: Slot } {
  const bySlot = Map.groupBy(minutes, ({ minute }) => Math.floor((minute - startMs) / slotMs));
  const slots = Array.from({ length: SLOTS }, (_, at) =>
    slotOf(bySlot.get(at) ?? [], startMs + at * slotMs, slotMs),
  );
  const within = [...bySlot].flatMap(([at, its]) => (at >= 0 && at < SLOTS ? its : []));
  return { slots, totals: slotOf(within, startMs, slotMs * SLOTS) };
}

function slotOf(minutes: readonly TrafficMinute[], startMs: number, lengthMs: number): Slot {
  const outcomes = { completed: 0, client_gone: 0, failed: 0, refused: 0 };
  const [latencies, firstContents] = [new Latencies(), new Latencies()];
  for (const minute of minutes) {
    outcomes.completed += minute.outcomes.completed;
    outcomes.client_gone += minute.outcomes.client_gone;
    outcomes.failed += minute.outcomes.failed;
    outcomes.refused += minute.outcomes.refused;
    latencies.add(minute.latencies);
    firstContents.add(minute.firstContents);
  }
  const requests = outcomes.completed + outcomes.client_gone + outcomes.failed + outcomes.refused;
  return { startMs, seconds: lengthMs / 1000, requests, outcomes, latencies, firstContents };
}
