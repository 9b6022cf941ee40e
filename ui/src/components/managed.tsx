import type { ReactNode } from "react";
import { Badge } from "./badge.tsx";
import { Notice } from "./notice.tsx";

interface ManagedProps {
  readonly by: "file" | undefined;
}

/** Marks what the configuration file owns. */
export function ManagedBadge({ by }: ManagedProps): ReactNode {
  if (by === undefined) return null;
  return (
    <span title="The configuration file declares it: it is changed there alone.">
      <Badge tone="accent">In the file</Badge>
    </span>
  );
}

/** Says why something cannot be changed here. */
export function ManagedNotice({ by }: ManagedProps): ReactNode {
  if (by === undefined) return null;
  return (
    <Notice tone="plain">
      <p>
        The gateway's configuration file, <code className="font-mono text-xs">scaigrid.yaml</code>, declares
        this. Change it there: it is taken over as soon as the file is saved.
      </p>
    </Notice>
  );
}
