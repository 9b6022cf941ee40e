import type { AuditEntry } from "../../core/audit.ts";
import { build, type Write } from "../write.ts";
import type { AuditChainTable } from "./tables.ts";

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

/**
 * Appends links to the chain and marks their entries as sealed. Of several nodes that seal at the same time one gets
 * through, since no number can be given twice. Conflicts: `taken`, `stale`.
 */
export function sealEntries(links: readonly AuditChainTable[]): Write[] {
  return links.flatMap((link): Write[] => [
    { statement: build.insertInto("audit_chain").values(link), about: "audit" },
    {
      statement: build
        .updateTable("audit_log")
        .set({ sealed_seq: link.seq })
        .where("id", "=", link.audit_id)
        .where("sealed_seq", "is", null),
      about: "audit",
      expectRows: 1,
      otherwise: "stale",
    },
  ]);
}
