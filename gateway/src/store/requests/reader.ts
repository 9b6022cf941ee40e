import type { Scope } from "../../core/scope.ts";
import type { RequestTrace } from "../../core/trace.ts";
import { present } from "../rows.ts";
import type { RequestsTable } from "../schema.ts";
import { OWN_COLUMNS, scoped } from "../scope.ts";
import type { Reader } from "../store.ts";
import { decodeDetail } from "./row.ts";

function toTrace(row: RequestsTable): RequestTrace {
  const detail = decodeDetail(row.detail);
  return {
    requestId: row.request_id,
    ...present({
      clientRequestId: row.client_request_id,
      traceId: row.trace_id,
      upstreamId: row.upstream_id,
      modelSlug: row.model_slug,
      backendId: row.backend_id,
      errorCode: row.error_code,
      errorReason: row.error_reason,
      userAgent: row.user_agent,
    }),
    payer: {
      partnerId: row.partner_id,
      tenantId: row.tenant_id,
      userId: row.user_id,
      keyId: row.api_key_id,
    },
    path: row.path,
    stream: row.stream === 1n,
    startedAt: Number(row.started_at),
    httpStatus: Number(row.http_status),
    outcome: row.outcome,
    ...detail,
  };
}

/**
 * Traces that go by this id (ours, the caller's, the trace's or the upstream's) within the scope, newest first.
 * Only our own id is unique.
 */
export async function findTraces(
  read: Reader,
  scope: Scope,
  id: string,
  limit: number,
): Promise<RequestTrace[]> {
  const rows = await read
    .selectFrom("requests")
    .selectAll()
    .where((eb) =>
      eb.or([
        eb("request_id", "=", id),
        eb("client_request_id", "=", id),
        eb("trace_id", "=", id),
        eb("upstream_id", "=", id),
      ]),
    )
    .where(scoped(scope, OWN_COLUMNS))
    .orderBy("request_id", "desc")
    .limit(limit)
    .execute();
  return rows.map(toTrace);
}

/** Which requests a list is about; every field narrows it further. */
export interface TraceFilter {
  readonly apiKeyId?: string;
  readonly modelSlug?: string;
  readonly outcome?: RequestTrace["outcome"];
}

/** Traces within the scope, newest first, at most `limit` from before `beforeId`. */
export async function listTraces(
  read: Reader,
  scope: Scope,
  filter: TraceFilter,
  page: { readonly limit: number; readonly beforeId?: string },
): Promise<RequestTrace[]> {
  let query = read
    .selectFrom("requests")
    .selectAll()
    .where(scoped(scope, OWN_COLUMNS))
    .orderBy("request_id", "desc")
    .limit(page.limit);
  if (filter.apiKeyId !== undefined) query = query.where("api_key_id", "=", filter.apiKeyId);
  if (filter.modelSlug !== undefined) query = query.where("model_slug", "=", filter.modelSlug);
  if (filter.outcome !== undefined) query = query.where("outcome", "=", filter.outcome);
  if (page.beforeId !== undefined) query = query.where("request_id", "<", page.beforeId);
  return (await query.execute()).map(toTrace);
}
