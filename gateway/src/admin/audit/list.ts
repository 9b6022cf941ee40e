import { z } from "zod";
import { auditScope } from "../../access/scope.ts";
import { listAudit } from "../../store/audit/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { decodeCursor, encodeCursor } from "../paging.ts";
import { auditFilter, auditQuery, auditView, viewEntry } from "./audit-view.ts";

export const listAuditLog = adminEndpoint({
  method: "GET",
  path: "/v1/audit-log",
  access: ["admin:access", "accounting:view_partner"],
  tag: "Audit",
  operationId: "listAuditLog",
  summary: "Who changed what, newest first: your tenant's log, your partner's, or all of it",
  costBearing: false,
  query: z.strictObject({ ...auditQuery, ...pageQuery }),
  response: auditView,
  list: true,
  async handle({ principal, query }, deps) {
    const before =
      query.cursor === undefined ? undefined : decodeCursor(query.cursor, /^audit_[0-9A-Z]{26}$/);
    const found = await listAudit(deps.read, auditScope(principal), auditFilter(query), {
      limit: query.limit + 1,
      ...(before !== undefined && { beforeId: before }),
    });
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    const more = found.length > shown.length && last !== undefined;
    return {
      kind: "page",
      page: { items: shown.map(viewEntry), ...(more && { nextCursor: encodeCursor(last.id) }) },
    };
  },
});
