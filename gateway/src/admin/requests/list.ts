import { z } from "zod";
import { accountingScope } from "../../access/scope.ts";
import { listTraces } from "../../store/requests/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, pageQuery, timestamp } from "../fields.ts";
import { decodeCursor, encodeCursor } from "../paging.ts";

const OUTCOMES = ["completed", "client_gone", "failed", "refused"] as const;

const requestRow = z
  .strictObject({
    request_id: z.string(),
    started_at: timestamp,
    path: z.string(),
    model: z.string().optional(),
    backend_id: z.string().optional(),
    outcome: z.enum(OUTCOMES),
    http_status: z
      .int()
      .describe(
        "As it was sent: 200 of a stream that broke off under way, which `outcome` and `error_code` tell.",
      ),
    error_code: z.string().optional(),
    duration_ms: z.number().describe("Milliseconds from arrival to the end."),
    stream: z.boolean(),
    tenant_id: z.string(),
    user_id: z.string(),
    api_key_id: z.string(),
    user_agent: z.string().optional(),
  })
  .meta({ id: "RequestSummary" });

export const listRequests = adminEndpoint({
  method: "GET",
  path: "/v1/requests",
  access: "accounting:view_own",
  tag: "Requests",
  summary: "Requests, newest first, refused ones included",
  costBearing: false,
  query: z.strictObject({
    ...pageQuery,
    api_key_id: z.string().max(64).optional(),
    model: z.string().max(200).optional(),
    outcome: z.enum(OUTCOMES).optional(),
  }),
  response: requestRow,
  list: true,
  async handle({ principal, query }, deps) {
    const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, /^req_[0-9A-Z]{26}$/);
    const filter = {
      ...(query.api_key_id !== undefined && { apiKeyId: query.api_key_id }),
      ...(query.model !== undefined && { modelSlug: query.model }),
      ...(query.outcome !== undefined && { outcome: query.outcome }),
    };
    await deps.traces.flush();
    const found = await listTraces(deps.read, accountingScope(principal), filter, {
      limit: query.limit + 1,
      ...(before !== undefined && { beforeId: before }),
    });
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    const items = shown.map((trace) => ({
      request_id: trace.requestId,
      started_at: isoTime(trace.startedAt),
      path: trace.path,
      ...(trace.modelSlug !== undefined && { model: trace.modelSlug }),
      ...(trace.backendId !== undefined && { backend_id: trace.backendId }),
      outcome: trace.outcome,
      http_status: trace.httpStatus,
      ...(trace.errorCode !== undefined && { error_code: trace.errorCode }),
      duration_ms: trace.durationMs,
      stream: trace.stream,
      tenant_id: trace.payer.tenantId,
      user_id: trace.payer.userId,
      api_key_id: trace.payer.keyId,
      ...(trace.userAgent !== undefined && { user_agent: trace.userAgent }),
    }));
    const more = found.length > shown.length && last !== undefined;
    return { kind: "page", page: { items, ...(more && { nextCursor: encodeCursor(last.requestId) }) } };
  },
});
