import { lowestIdAt } from "../../base/ids.ts";
import type { AuditEntry } from "../../core/audit.ts";
import type { Scope } from "../../core/scope.ts";
import { fromJson, present } from "../rows.ts";
import { AUDIT_COLUMNS, scoped } from "../scope.ts";
import type { Reader } from "../store.ts";
import type { AuditLogTable } from "./tables.ts";

/** An entry as it is kept. */
export interface StoredEntry extends AuditEntry {
  /** Its place in the chain; undefined until it is sealed. */
  readonly sealedSeq?: number;
}

/** Which entries a list is about; every field narrows it further. */
export interface AuditFilter {
  /** Epoch milliseconds, itself included. */
  readonly startMs?: number;
  /** Epoch milliseconds, itself excluded. */
  readonly endMs?: number;
  readonly action?: string;
  readonly actorId?: string;
  readonly resourceType?: string;
  readonly resourceId?: string;
  readonly status?: AuditEntry["status"];
  readonly ipAddress?: string;
}

function toEntry(row: AuditLogTable): StoredEntry {
  return {
    id: row.id,
    at: Number(row.at),
    action: row.action,
    actorType: row.actor_type,
    resourceType: row.resource_type,
    status: row.status,
    count: Number(row.count),
    changes: fromJson<AuditEntry["changes"]>(row.changes),
    ...present({
      actorId: row.actor_id,
      actorEmail: row.actor_email,
      tenantId: row.tenant_id,
      partnerId: row.partner_id,
      resourceId: row.resource_id,
      ipAddress: row.ip_address,
      userAgent: row.user_agent,
      errorCode: row.error_code,
      requestId: row.request_id,
      sealedSeq: row.sealed_seq === null ? null : Number(row.sealed_seq),
    }),
  };
}

/** Entries within the scope, newest first, at most `limit` from before `beforeId`. */
export async function listAudit(
  read: Reader,
  scope: Scope,
  filter: AuditFilter,
  page: { readonly limit: number; readonly beforeId?: string },
): Promise<StoredEntry[]> {
  let query = read
    .selectFrom("audit_log")
    .selectAll()
    .where(scoped(scope, AUDIT_COLUMNS))
    .orderBy("id", "desc")
    .limit(page.limit);
  // An id begins with the entry's time: a range of time is a range of ids.
  if (filter.startMs !== undefined) query = query.where("id", ">=", lowestIdAt("audit", filter.startMs));
  if (filter.endMs !== undefined) query = query.where("id", "<", lowestIdAt("audit", filter.endMs));
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  const { action, actorId, resourceType, resourceId, status, ipAddress } = filter;
  if (action !== undefined) query = query.where("action", "=", action);
  if (actorId !== undefined) query = query.where("actor_id", "=", actorId);
  if (resourceType !== undefined) query = query.where("resource_type", "=", resourceType);
  if (resourceId !== undefined) query = query.where("resource_id", "=", resourceId);
  if (status !== undefined) query = query.where("status", "=", status);
  if (ipAddress !== undefined) query = query.where("ip_address", "=", ipAddress);
  return (await query.execute()).map(toEntry);
}
