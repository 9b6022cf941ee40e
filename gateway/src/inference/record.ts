import type { Settlement } from "../core/accounting.ts";
import type { RequestTrace, TraceRefusal } from "../core/trace.ts";
import { inputTokens, outputTokens } from "../core/usage.ts";
import type { ApiError, ErrorCode } from "../errors.ts";
import type { Call } from "./call.ts";
import type { InferenceDeps } from "./deps.ts";
import type { Ending } from "./finish.ts";

const USER_AGENT_CHARS = 256;
const SLUG_CHARS = 200;
const REASON_CHARS = 1_000;
/** What a stream has begun with, however it ends. */
const STREAM_STATUS = 200;

/** Failures that are this installation's own: the caller's rate limit does not pay for them. */
const OWN_FAILURES: ReadonlySet<ErrorCode> = new Set([
  "INTERNAL_ERROR",
  "DEPENDENCY_UNAVAILABLE",
  "OVERLOADED",
  "SHUTTING_DOWN",
  "MODEL_NOT_PRICED",
]);

/** Refusals that are looked into later: by whom, by how much, and what would have fitted. */
const LIMIT_REFUSALS: ReadonlySet<ErrorCode> = new Set([
  "RATE_LIMITED",
  "BUDGET_EXCEEDED",
  "BUDGET_RESERVED",
]);

export interface Recorded extends Omit<Ending, "status"> {
  readonly status: Ending["status"] | "refused";
  /** Undefined for a request that was refused before its hold, or could not be settled. */
  readonly settlement: Settlement | undefined;
}

/** Stage 12: trace, metrics, log. Queued; nothing here fails the request. */
export function record(call: Call, ending: Recorded, deps: InferenceDeps): void {
  const httpStatus = ending.error ? call.door.statusOf(ending.error) : ending.httpStatus;
  if (ending.error && OWN_FAILURES.has(ending.error.code)) giveBack(call, deps);
  const isBroken = ending.isUnderWay === true && ending.status === "failed";
  const trace = traceOf(call, ending, isBroken ? STREAM_STATUS : httpStatus);
  if (trace) deps.traces.record(trace);
  observe(call, ending, httpStatus, deps);
}

/** Uncounts a call in the rate limits. */
export function giveBack({ counted }: Call, { limiter }: Pick<InferenceDeps, "limiter">): void {
  if (counted !== undefined) limiter.giveBack(counted);
}

/** Undefined for a caller nobody knows: such a request belongs to no one who could look it up. */
function traceOf(call: Call, ending: Recorded, httpStatus: number): RequestTrace | undefined {
  if (!call.payer) return undefined;
  const { backendId } = call.progress;
  const upstreamId = call.attempts.at(-1)?.upstreamId;
  const userAgent = call.inbound.headers.get("user-agent");
  return {
    requestId: call.requestId,
    clientRequestId: call.clientRequestId,
    traceId: call.traceId,
    upstreamId,
    payer: call.payer,
    path: call.inbound.path,
    door: call.door.name,
    modelSlug: call.modelSlug?.slice(0, SLUG_CHARS),
    backendId: backendId === "" ? undefined : backendId,
    stream: call.stream,
    startedAt: call.receivedAt,
    durationMs: Math.round(call.elapsedMs()),
    httpStatus,
    outcome: ending.status === "interrupted" ? "failed" : ending.status,
    errorCode: ending.error?.code,
    errorReason: ending.reason?.slice(0, REASON_CHARS),
    ...(ending.error && LIMIT_REFUSALS.has(ending.error.code) && { refusal: refusalOf(ending.error) }),
    steps: call.steps,
    candidates: call.candidates,
    attempts: call.attempts,
    dropped: call.dropped,
    userAgent: userAgent?.slice(0, USER_AGENT_CHARS),
  };
}

function refusalOf({ message, init }: ApiError): TraceRefusal {
  const { hint, retryAfterSeconds, details = [] } = init;
  return { message, hint, retryAfterSeconds, details };
}

function observe(call: Call, ending: Recorded, httpStatus: number, deps: InferenceDeps): void {
  const { metrics } = deps;
  const durationMs = call.elapsedMs();
  const { backendId, ttftMs } = call.progress;
  metrics.requestAnswered({
    ...(call.modelSlug !== undefined && { modelSlug: call.modelSlug }),
    ...(backendId !== "" && { backendId }),
    status: httpStatus,
    protocol: call.door.name,
    durationSeconds: durationMs / 1000,
  });
  if (ttftMs !== undefined && call.modelSlug !== undefined)
    metrics.firstContentSent(call.modelSlug, ttftMs / 1000);
  if (ending.settlement && !call.stream)
    metrics.overheadMeasured(Math.max(0, durationMs - call.upstreamMs) / 1000);
  if (ending.settlement && call.payer) {
    const { usage, intent } = ending.settlement;
    const { tenantId } = call.payer;
    const [input, output] = [inputTokens(usage), outputTokens(usage)];
    metrics.tokensSettled({ modelSlug: intent.modelSlug, tenantId, input, output });
  }
  const level = httpStatus >= 500 ? "warn" : "debug";
  if (!deps.log.writes(level)) return;
  deps.log.log(level, "request", {
    request_id: call.requestId,
    tenant_id: call.payer?.tenantId,
    user_id: call.payer?.userId,
    path: call.inbound.path,
    status: httpStatus,
    protocol: call.door.name,
    code: ending.error?.code,
    reason: ending.reason,
    backend_id: backendId === "" ? undefined : backendId,
    attempts: call.attempts.length,
    duration_ms: Math.round(durationMs),
    stream: call.stream,
  });
}
