import { z } from "zod";
import { accountingScope } from "../../access/scope.ts";
import { formatAmount } from "../../base/money.ts";
import { isId, siblingId } from "../../base/ids.ts";
import { DOOR_NAMES } from "../../core/endpoint.ts";
import type { RequestTrace, TraceRefusal } from "../../core/trace.ts";
import { ApiError } from "../../errors.ts";
import { pricesOf } from "../../pricing/rates.ts";
import { ratesAt } from "../../pricing/tiers.ts";
import { findTraces } from "../../store/requests/reader.ts";
import { findUsage } from "../../store/usage/reader.ts";
import { pricedBy, viewUsage, usageView } from "../accounting/usage.ts";
import type { UsageRecord } from "../../store/usage/record.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, plainPrices, timestamp } from "../fields.ts";

/** Only the newest of several requests that go by one of the caller's own ids is shown; the others are named. */
const SHOWN_TRACES = 20;
/** A trace that is not there so long after its request was settled has been lost. */
const WRITTEN_WITHIN_MS = 10_000;

const step = z.strictObject({ step: z.string(), at_ms: z.number(), note: z.string().optional() });
const candidate = z.strictObject({ backend_id: z.string(), taken: z.boolean(), reason: z.string() });
const attempt = z.strictObject({
  backend_id: z.string(),
  started_ms: z.number(),
  duration_ms: z.number(),
  outcome: z.string(),
  status: z.int().optional(),
  upstream_id: z.string().optional(),
  reason: z.string().optional(),
});

const refusal = z.strictObject({
  message: z.string(),
  hint: z.string().optional(),
  retry_after: z.int().optional().describe("Seconds, from the refusal on."),
  details: z
    .array(z.strictObject({ field: z.string(), message: z.string() }))
    .describe(
      "Of a budget: `budget_id`, `scope`, `measure`, `required`, `remaining`, `affordable_max_tokens` …",
    ),
});

const priceShown = {
  price_version_id: z
    .string()
    .optional()
    .describe(
      "The price version, or the entry of a price book that made it; absent = nothing but its floor.",
    ),
  floor_version_id: z.string().optional().describe("The price that it is at least, where there is one."),
  prices: plainPrices,
};

const traceView = z
  .strictObject({
    request_id: z.string(),
    client_request_id: z.string().optional(),
    trace_id: z.string().optional(),
    upstream_id: z.string().optional(),
    partner_id: z.string(),
    tenant_id: z.string(),
    user_id: z.string(),
    api_key_id: z.string(),
    path: z.string().optional(),
    door: z.enum(DOOR_NAMES).optional().describe("The format the caller spoke."),
    model: z.string().optional(),
    backend_id: z.string().optional(),
    stream: z.boolean(),
    started_at: timestamp,
    duration_ms: z.number(),
    http_status: z
      .int()
      .optional()
      .describe(
        "As it was sent: 200 of a stream that broke off under way, which `outcome` and `error_code` tell.",
      ),
    outcome: z.enum(["completed", "client_gone", "failed", "refused"]),
    error_code: z.string().optional(),
    error_reason: z.string().optional(),
    refusal: refusal.optional().describe("What the caller was told whom a limit or a budget refused."),
    user_agent: z.string().optional(),
    timeline: z.array(step),
    candidates: z.array(candidate),
    attempts: z.array(attempt),
    dropped: z.array(z.string()),
    usage: usageView
      .optional()
      .describe("Absent while the request is not settled, and for one that was refused before its hold."),
    price: z
      .strictObject({ ...priceShown, bound: z.string() })
      .optional()
      .describe("What the price was made of: of tiers, the one that applied."),
    partner_price: z
      .strictObject(priceShown)
      .optional()
      .describe("The same for what the partner pays; not told to tenants."),
    trace_lost: z
      .literal(true)
      .optional()
      .describe(
        "The process ended before it had written what happened: only what was settled is known, and told in `usage`.",
      ),
    also: z.array(z.string()).optional().describe("Other requests that go by the same id, newest first."),
  })
  .meta({ id: "RequestTrace" });

export const getRequest = adminEndpoint({
  method: "GET",
  path: "/v1/requests/{request_id}",
  access: "accounting:view_own",
  tag: "Requests",
  summary: "Everything that happened to one request, by our id, yours, the trace's or the upstream's",
  costBearing: false,
  params: z.strictObject({ request_id: z.string().max(256) }),
  response: traceView,
  async handle({ principal, params }, deps) {
    const scope = accountingScope(principal);
    await Promise.all([deps.traces.flush(), deps.usageAsOf()]);
    const [trace, ...others] = await findTraces(deps.read, scope, params.request_id, SHOWN_TRACES);
    const requestId = trace?.requestId ?? params.request_id;
    const usage = isId("req", requestId)
      ? await findUsage(deps.read, scope, siblingId("usage", requestId))
      : undefined;
    const told = trace
      ? viewTrace(trace, scope.level === "platform")
      : usage && viewLost(usage, deps.clock.now());
    if (!told) throw new ApiError("NOT_FOUND");
    const price = usage && shownPrice(usage.priceVersionId, usage, deps);
    const ofPartner =
      usage && (scope.level === "platform" || scope.level === "partner")
        ? shownPrice(usage.partnerPriceId ?? usage.priceVersionId, usage, deps)
        : undefined;
    return {
      kind: "data",
      data: {
        ...told,
        ...(usage && { usage: viewUsage(usage, scope.level) }),
        ...(usage && price && { price: { ...price, bound: formatAmount(usage.bound) } }),
        ...(ofPartner && { partner_price: ofPartner }),
        ...(others.length > 0 && { also: others.map((other) => other.requestId) }),
      },
    };
  },
});

/** What a request was rated by; undefined where nothing is paid. */
function shownPrice(
  name: string | undefined,
  { tokensIn }: UsageRecord,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): z.infer<z.ZodObject<typeof priceShown>> | undefined {
  const price = name === undefined ? undefined : snapshot.prices.named(name);
  return price && { ...pricedBy(price.id), prices: pricesOf(ratesAt(price, tokensIn)) };
}

/** What is left of a request whose trace went down with its process: what it is charged never does. */
function viewLost(usage: UsageRecord, nowMs: number): z.infer<typeof traceView> | undefined {
  const { status, payer } = usage;
  // Another node may be about to write it.
  if (nowMs - usage.settledAt < WRITTEN_WITHIN_MS) return undefined;
  return {
    request_id: usage.requestId,
    partner_id: payer.partnerId,
    tenant_id: payer.tenantId,
    user_id: payer.userId,
    api_key_id: payer.keyId,
    model: usage.modelSlug,
    backend_id: usage.backendId,
    stream: usage.stream,
    started_at: isoTime(usage.createdAt),
    duration_ms: usage.latencyMs,
    outcome: status === "interrupted" ? "failed" : status,
    ...(usage.errorCode !== undefined && { error_code: usage.errorCode }),
    timeline: [],
    candidates: [],
    attempts: [],
    dropped: [],
    trace_lost: true,
  };
}

/** What upstreams said may name hosts and accounts: for the platform's own people alone. */
function viewTrace(trace: RequestTrace, forOperator: boolean): z.infer<typeof traceView> {
  return {
    request_id: trace.requestId,
    ...(trace.clientRequestId !== undefined && { client_request_id: trace.clientRequestId }),
    ...(trace.traceId !== undefined && { trace_id: trace.traceId }),
    ...(trace.upstreamId !== undefined && { upstream_id: trace.upstreamId }),
    partner_id: trace.payer.partnerId,
    tenant_id: trace.payer.tenantId,
    user_id: trace.payer.userId,
    api_key_id: trace.payer.keyId,
    path: trace.path,
    door: trace.door,
    ...(trace.modelSlug !== undefined && { model: trace.modelSlug }),
    ...(trace.backendId !== undefined && { backend_id: trace.backendId }),
    stream: trace.stream,
    started_at: isoTime(trace.startedAt),
    duration_ms: trace.durationMs,
    http_status: trace.httpStatus,
    outcome: trace.outcome,
    ...(trace.errorCode !== undefined && { error_code: trace.errorCode }),
    ...(forOperator && trace.errorReason !== undefined && { error_reason: trace.errorReason }),
    ...(trace.refusal && { refusal: viewRefusal(trace.refusal) }),
    ...(trace.userAgent !== undefined && { user_agent: trace.userAgent }),
    timeline: trace.steps.map(({ step: name, atMs, note }) => ({
      step: name,
      at_ms: atMs,
      ...(note !== undefined && { note }),
    })),
    candidates: trace.candidates.map(({ backendId, taken, reason }) => ({
      backend_id: backendId,
      taken,
      reason,
    })),
    attempts: trace.attempts.map((each) => ({
      backend_id: each.backendId,
      started_ms: each.startedMs,
      duration_ms: each.durationMs,
      outcome: each.outcome,
      ...(each.status !== undefined && { status: each.status }),
      ...(each.upstreamId !== undefined && { upstream_id: each.upstreamId }),
      ...(forOperator && each.reason !== undefined && { reason: each.reason }),
    })),
    dropped: [...trace.dropped],
  };
}

function viewRefusal({ message, hint, retryAfterSeconds, details }: TraceRefusal): z.infer<typeof refusal> {
  return {
    message,
    ...(hint !== undefined && { hint }),
    ...(retryAfterSeconds !== undefined && { retry_after: retryAfterSeconds }),
    details: details.map(({ field, message: value }) => ({ field, message: value })),
  };
}
