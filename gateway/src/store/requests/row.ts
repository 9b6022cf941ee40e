import type { RequestTrace } from "../../core/trace.ts";
import { flag, wholeMs } from "../rows.ts";
import type { RequestsTable } from "../schema.ts";

/** What of a trace is read as a whole and never searched. */
export type TraceDetail = Pick<RequestTrace, "steps" | "candidates" | "attempts" | "dropped" | "durationMs">;

/** A trace as a row of `requests`. */
export function traceRow(trace: RequestTrace): RequestsTable {
  const { steps, candidates, attempts, dropped, durationMs, payer } = trace;
  return {
    request_id: trace.requestId,
    client_request_id: trace.clientRequestId ?? null,
    trace_id: trace.traceId ?? null,
    upstream_id: trace.upstreamId ?? null,
    partner_id: payer.partnerId,
    tenant_id: payer.tenantId,
    user_id: payer.userId,
    api_key_id: payer.keyId,
    path: trace.path,
    model_slug: trace.modelSlug ?? null,
    backend_id: trace.backendId ?? null,
    stream: flag(trace.stream),
    started_at: BigInt(trace.startedAt),
    duration_ms: wholeMs(durationMs),
    http_status: BigInt(trace.httpStatus),
    outcome: trace.outcome,
    error_code: trace.errorCode ?? null,
    error_reason: trace.errorReason ?? null,
    detail: JSON.stringify({ steps, candidates, attempts, dropped, durationMs } satisfies TraceDetail),
    user_agent: trace.userAgent ?? null,
  };
}
