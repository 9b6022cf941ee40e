import { z } from "zod";
import { auditScope } from "../../access/scope.ts";
import { isoTime } from "../fields.ts";
import { listAudit, type StoredEntry } from "../../store/audit/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { EXPORT_FORMATS, EXPORT_PAGE, exportFormats, exportStream } from "../exporting.ts";
import { auditFilter, auditQuery, auditView, viewEntry } from "./audit-view.ts";

const FORMATS = exportFormats<z.infer<typeof auditView>>([
  "id",
  "timestamp",
  "action",
  "actor_id",
  "actor_email",
  "actor_type",
  "tenant_id",
  "partner_id",
  "resource_type",
  "resource_id",
  "ip_address",
  "user_agent",
  "status",
  "error_code",
  "request_id",
  "count",
  "changes",
  "sealed",
]);

export const exportAuditLog = adminEndpoint({
  method: "GET",
  path: "/v1/audit-log/export",
  access: ["admin:access", "accounting:view_partner"],
  tag: "Audit",
  operationId: "exportAuditLog",
  summary: "The audit log as a file, newest first, of any size",
  costBearing: false,
  alsoContentTypes: ["text/csv", "application/x-ndjson"],
  query: z.strictObject({
    ...auditQuery,
    format: z.enum(EXPORT_FORMATS, "must be csv, json or ndjson").default("csv"),
  }),
  response: z.strictObject({ items: z.array(auditView) }).meta({ id: "AuditExport" }),
  async handle({ principal, query, requestId }, deps) {
    const scope = auditScope(principal);
    const filter = auditFilter(query);
    const format = FORMATS[query.format];
    const page = (beforeId: string | undefined): Promise<StoredEntry[]> =>
      listAudit(deps.read, scope, filter, {
        limit: EXPORT_PAGE,
        ...(beforeId !== undefined && { beforeId }),
      });
    // Before the answer begins: a store that cannot be read is still a refusal.
    const first = await page(undefined);
    const day = isoTime(deps.clock.now()).slice(0, 10);
    return {
      kind: "stream",
      contentType: format.contentType,
      filename: `audit-log-${day}.${format.extension}`,
      body: exportStream({ first, after: ({ id }) => page(id), view: viewEntry, format, requestId }),
    };
  },
});
