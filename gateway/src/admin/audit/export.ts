import { z } from "zod";
import { auditScope } from "../../access/scope.ts";
import { isoTime } from "../fields.ts";
import { listAudit, type StoredEntry } from "../../store/audit/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { auditFilter, auditQuery, auditView, viewEntry } from "./audit-view.ts";
import { EXPORT_FORMATS, type ExportFormat } from "./export-rows.ts";

/** Entries read at once: what an export of any size holds in memory. */
const PAGE_ENTRIES = 500;

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
    format: z.enum(["csv", "json", "ndjson"], "must be csv, json or ndjson").default("csv"),
  }),
  response: z.strictObject({ items: z.array(auditView) }).meta({ id: "AuditExport" }),
  async handle({ principal, query, requestId }, deps) {
    const scope = auditScope(principal);
    const filter = auditFilter(query);
    const format = EXPORT_FORMATS[query.format];
    const page = (beforeId: string | undefined): Promise<StoredEntry[]> =>
      listAudit(deps.read, scope, filter, {
        limit: PAGE_ENTRIES,
        ...(beforeId !== undefined && { beforeId }),
      });
    // Before the answer begins: a store that cannot be read is still a refusal.
    const first = await page(undefined);
    const day = isoTime(deps.clock.now()).slice(0, 10);
    return {
      kind: "stream",
      contentType: format.contentType,
      filename: `audit-log-${day}.${format.extension}`,
      body: streamOf(first, page, format, requestId),
    };
  },
});

/** The file, read from the store page by page as fast as it is taken; a page that cannot be read breaks it off. */
function streamOf(
  first: readonly StoredEntry[],
  page: (beforeId: string | undefined) => Promise<readonly StoredEntry[]>,
  format: ExportFormat,
  requestId: string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let entries = first;
  let begun = false;
  return new ReadableStream({
    async pull(controller) {
      const rows = entries.map((entry) => format.row(viewEntry(entry)));
      const text = rows.join(format.between);
      const isLast = entries.length < PAGE_ENTRIES;
      const before = begun ? (rows.length > 0 ? format.between : "") : format.head;
      controller.enqueue(encoder.encode(before + text + (isLast ? format.tail(requestId) : "")));
      begun = true;
      if (isLast) controller.close();
      else entries = await page(entries.at(-1)?.id);
    },
  });
}
