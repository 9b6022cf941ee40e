import type { ReactNode } from "react";
import type { ApiKey } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";

/** Whether a program can use a key now. */
export function worksStill({ status, expires_at: expires }: ApiKey): boolean {
  return status === "active" && (expires === undefined || Date.parse(expires) > Date.now());
}

/** Whether a key works, in a word. */
export function KeyStatus({ apiKey }: { apiKey: ApiKey }): ReactNode {
  if (apiKey.status === "revoked") return <Badge tone="plain">Revoked</Badge>;
  return worksStill(apiKey) ? <Badge tone="good">Active</Badge> : <Badge tone="warn">Expired</Badge>;
}
