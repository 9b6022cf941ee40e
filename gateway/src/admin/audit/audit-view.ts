import { z } from "zod";
import type { AuditFilter, StoredEntry } from "../../store/audit/reader.ts";
import { isoTime, timestamp } from "../fields.ts";

const instant = z.iso
  .datetime({ offset: true, error: "must be a date and time such as 2026-11-21T00:00:00Z" })
  .transform((text) => Date.parse(text));

/** The filters that the list and the export share. */
export const auditQuery = {
  start: instant.optional().describe("From this instant on, itself included."),
  end: instant.optional().describe("Up to this instant, itself excluded."),
  action: z.string().max(100).optional().describe("`kind.verb`: `api_key.create`."),
  actor_id: z.string().max(64).optional(),
  resource_type: z.string().max(64).optional(),
  resource_id: z.string().max(200).optional(),
  status: z.enum(["SUCCESS", "FAILURE"]).optional(),
  ip_address: z.string().max(64).optional(),
};

/** An entry as it is told. */
export const auditView = z
  .strictObject({
    id: z.string(),
    timestamp,
    action: z
      .string()
      .describe("`kind.verb` of what was asked for; `access.refuse` before anybody looked at it."),
    actor_id: z.string().optional(),
    actor_email: z.string().optional(),
    actor_type: z
      .enum(["user", "service", "webhook", "system", "anonymous"])
      .describe("`anonymous` is a caller who did not sign in."),
    tenant_id: z
      .string()
      .optional()
      .describe("Whose log it is in: that of what was changed, else of the caller."),
    partner_id: z.string().optional(),
    resource_type: z.string(),
    resource_id: z.string().optional(),
    ip_address: z.string().optional(),
    user_agent: z.string().optional(),
    status: z.enum(["SUCCESS", "FAILURE"]),
    error_code: z.string().optional().describe("Of a failure."),
    request_id: z.string().optional(),
    count: z
      .int()
      .describe("More than 1 for refusals of the same kind, address and minute that share an entry."),
    changes: z
      .record(z.string(), z.tuple([z.unknown(), z.unknown()]))
      .describe("Field to what it was and what it is now; `[redacted]` stands for a secret."),
    sealed: z.boolean().describe("Whether the entry is part of the sealed chain yet."),
  })
  .meta({ id: "AuditEntry" });

/** Tells an entry to somebody who may read the log it is in. */
export function viewEntry(entry: StoredEntry): z.infer<typeof auditView> {
  return {
    id: entry.id,
    timestamp: isoTime(entry.at),
    action: entry.action,
    ...(entry.actorId !== undefined && { actor_id: entry.actorId }),
    ...(entry.actorEmail !== undefined && { actor_email: entry.actorEmail }),
    actor_type: entry.actorType,
    ...(entry.tenantId !== undefined && { tenant_id: entry.tenantId }),
    ...(entry.partnerId !== undefined && { partner_id: entry.partnerId }),
    resource_type: entry.resourceType,
    ...(entry.resourceId !== undefined && { resource_id: entry.resourceId }),
    ...(entry.ipAddress !== undefined && { ip_address: entry.ipAddress }),
    ...(entry.userAgent !== undefined && { user_agent: entry.userAgent }),
    status: entry.status,
    ...(entry.errorCode !== undefined && { error_code: entry.errorCode }),
    ...(entry.requestId !== undefined && { request_id: entry.requestId }),
    count: entry.count,
    changes: Object.fromEntries(
      Object.entries(entry.changes).map(([field, [from, to]]): [string, [unknown, unknown]] => [
        field,
        [from, to],
      ]),
    ),
    sealed: entry.sealedSeq !== undefined,
  };
}

export interface AuditQuery {
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly action?: string | undefined;
  readonly actor_id?: string | undefined;
  readonly resource_type?: string | undefined;
  readonly resource_id?: string | undefined;
  readonly status?: "SUCCESS" | "FAILURE" | undefined;
  readonly ip_address?: string | undefined;
}

/** What a query asks for. */
export function auditFilter(query: AuditQuery): AuditFilter {
  return {
    ...(query.start !== undefined && { startMs: query.start }),
    ...(query.end !== undefined && { endMs: query.end }),
    ...(query.action !== undefined && { action: query.action }),
    ...(query.actor_id !== undefined && { actorId: query.actor_id }),
    ...(query.resource_type !== undefined && { resourceType: query.resource_type }),
    ...(query.resource_id !== undefined && { resourceId: query.resource_id }),
    ...(query.status !== undefined && { status: query.status }),
    ...(query.ip_address !== undefined && { ipAddress: query.ip_address }),
  };
}
