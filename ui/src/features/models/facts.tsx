import type { ReactNode } from "react";
import type { Model } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import type { BadgeTone } from "../../components/badge.tsx";

const HEALTH: Readonly<Record<Model["health_status"], readonly [BadgeTone, string]>> = {
  healthy: ["good", "Healthy"],
  degraded: ["warn", "Degraded"],
  unhealthy: ["bad", "Unhealthy"],
};
const STATUS: Readonly<Record<Model["status"], readonly [BadgeTone, string]>> = {
  active: ["good", "Active"],
  deprecated: ["warn", "Deprecated"],
  disabled: ["plain", "Disabled"],
};

/** Whether a model is there to be called. */
export function ModelStatus({ model: { status } }: { model: Model }): ReactNode {
  const [tone, words] = STATUS[status];
  return <Badge tone={tone}>{words}</Badge>;
}

/** How many of its backends can be called now. */
export function ModelHealth({ model }: { model: Model }): ReactNode {
  const [tone, words] = HEALTH[model.health_status];
  return (
    <span className="inline-flex items-center gap-2">
      <Badge tone={tone}>{words}</Badge>
      <span className="text-xs whitespace-nowrap text-muted">
        {model.active_backend_count} of {model.total_backend_count}
        <span className="sr-only"> backends</span>
      </span>
    </span>
  );
}
