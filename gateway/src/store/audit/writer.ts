import type { AuditEntry } from "../../core/audit.ts";
import { build, type Write } from "../write.ts";

/** Conflicts: `taken`, when the call this entry is about has left its row already. */
export function addAuditEntry(entry: AuditEntry): Write {
  const statement = build.insertInto("audit_log").values({
    id: entry.id,
    at: BigInt(entry.at),
    action: entry.action,
    actor_id: entry.actorId ?? null,
    actor_email: entry.actorEmail ?? null,
    actor_type: entry.actorType,
    tenant_id: entry.tenantId ?? null,
    partner_id: entry.partnerId ?? null,
    resource_type: entry.resourceType,
    resource_id: entry.resourceId ?? null,
    ip_address: entry.ipAddress ?? null,
    user_agent: entry.userAgent ?? null,
    status: entry.status,
    error_code: entry.errorCode ?? null,
    request_id: entry.requestId ?? null,
    count: BigInt(entry.count),
    changes: JSON.stringify(entry.changes),
    sealed_seq: null,
  });
  return { statement, about: "audit" };
}
