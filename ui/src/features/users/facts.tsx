import type { ReactNode } from "react";
import type { User } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { formatName } from "../../lib/format.ts";

/** Whether somebody, or a tenant, may act. */
export function AccessStatus({ status }: { status: User["status"] }): ReactNode {
  return status === "active" ? <Badge tone="good">Active</Badge> : <Badge tone="warn">Suspended</Badge>;
}

/** The roles of somebody in words. */
export function roleWords({ roles, custom_role_ids: custom }: User): string {
  const named = roles.map(formatName);
  if (custom.length > 0) named.push(`${custom.length} custom`);
  return named.length === 0 ? "None" : named.join(", ");
}
