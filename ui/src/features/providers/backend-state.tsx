import type { ReactNode } from "react";
import type { Backend } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import type { BadgeTone } from "../../components/badge.tsx";
import { Time } from "../../components/time.tsx";
import { formatName, formatWholeMs } from "../../lib/format.ts";

type Health = Backend["health"];

const STATES: Readonly<Record<Health["status"], readonly [BadgeTone, string]>> = {
  healthy: ["good", "Healthy"],
  degraded: ["warn", "Degraded"],
  unhealthy: ["bad", "Unhealthy"],
};
const CIRCUITS: Readonly<Record<Health["circuit_state"], string>> = {
  closed: "Circuit closed",
  half_open: "Circuit half open",
  open: "Circuit open",
};

/** How a backend does, as the answering node knows it from its calls. */
export function BackendState({ health }: { health: Health }): ReactNode {
  const [tone, words] = STATES[health.status];
  return <Badge tone={tone}>{words}</Badge>;
}

/** The same with what it is known by: circuit, latency, the last failure. */
export function BackendStateDetails({ backend }: { backend: Pick<Backend, "health"> }): ReactNode {
  const { circuit_state: circuit, next_probe_in_ms: probe, latency_ms: latency } = backend.health;
  const { last_fault: fault, in_flight: inFlight } = backend.health;
  return (
    <div className="grid min-w-32 gap-0.5">
      <span>
        <BackendState health={backend.health} />
      </span>
      <span className="text-xs text-muted">
        {CIRCUITS[circuit]}
        {probe !== undefined && `, asked again in ${formatWholeMs(probe)}`}
        {latency !== undefined && ` · ${formatWholeMs(latency)} to the first content`}
        {inFlight > 0 && ` · ${inFlight} in flight`}
      </span>
      {fault && (
        <span className="max-w-80 text-xs break-words text-muted">
          Last failure <Time iso={fault.at} as="relative" />: {formatName(fault.class)}, {fault.reason}
        </span>
      )}
    </div>
  );
}
