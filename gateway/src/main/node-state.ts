import { hostname } from "node:os";
import type { NodeState } from "../admin/nodes/node-state.ts";
import { systemClock as clock } from "../base/clock.ts";
import type { SystemDeps } from "../http/system/endpoint.ts";
import type { InFlight } from "../inference/in-flight.ts";
import type { SizeCap } from "../jobs/size-cap.ts";
import type { Health } from "../routing/health.ts";
import type { Limits } from "./limits.ts";
import type { Parts } from "./parts.ts";

/** What is looked at: some of it is made after those who ask. */
export interface Observed {
  readonly inFlight: InFlight;
  readonly health: Health;
  readonly limits: () => Limits;
  readonly drifts: () => number;
  readonly size: () => Pick<SizeCap, "bytes" | "maxBytes" | "isOver">;
  readonly system: () => Pick<SystemDeps, "checks" | "accepting">;
}

/** How this process fares, at any moment. */
export function nodeStateOf({ records, plane }: Parts, observed: Observed): () => NodeState {
  const startedAt = clock.now();
  const host = hostname();
  const { shared } = records;
  return () => {
    const { inFlight, health } = observed;
    const { admission, overload, disk } = observed.limits();
    const { checks, accepting } = observed.system();
    const size = observed.size();
    const nowMs = clock.monotonic();
    const backends = [...plane.snapshot.backends()];
    const open = backends.filter(({ id }) => health.backend(id).circuit.stateAt(nowMs) === "open").length;
    return {
      engine: records.store.engine,
      ...(shared && { nodeId: shared.nodeId }),
      host,
      startedAt,
      checks: checks(),
      accepting: accepting(),
      inFlight: inFlight.size,
      streams: inFlight.streams,
      waiting: admission.waiting,
      journalPending: records.journal.pending(),
      accountingLagMs: records.lagMs(),
      quarantined: shared?.quarantined() ?? 0,
      drifts: observed.drifts(),
      unreadablePrices: plane.snapshot.prices.unreadable.length,
      memoryBytes: process.memoryUsage.rss(),
      disk: { state: disk.state, freeBytes: disk.freeBytes, reserveBytes: disk.reserveBytes },
      store: { bytes: size.bytes, maxBytes: size.maxBytes, isOver: size.isOver },
      ...(overload.strain !== undefined && { strain: overload.strain }),
      circuits: { open, backends: backends.length },
    };
  };
}
