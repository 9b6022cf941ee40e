import type { FaultClass } from "./fault.ts";
import type { Payer } from "./accounting.ts";
import type { DoorName } from "./endpoint.ts";

/** One moment of a request's life; `atMs` counts from its arrival, fractional. */
export interface TraceStep {
  readonly step: string;
  readonly atMs: number;
  readonly note?: string | undefined;
}

/** One backend that could have served, and why it was taken or not. */
export interface TraceCandidate {
  readonly backendId: string;
  readonly taken: boolean;
  readonly reason: string;
}

/** One call to an upstream. */
export interface TraceAttempt {
  readonly backendId: string;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly outcome: "ok" | FaultClass | "client_gone";
  /** HTTP status of the upstream, if it got that far. */
  readonly status?: number | undefined;
  readonly upstreamId?: string | undefined;
  readonly reason?: string | undefined;
}

/** What a caller was told whom a limit or a budget has refused. */
export interface TraceRefusal {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** Names and values: whose limit, how much of it is left, what would have fitted. */
  readonly details: readonly { readonly field: string; readonly message: string }[];
}

/** Everything that happened to one request. May be lost by `kill -9`; the settlement may not. */
export interface RequestTrace {
  readonly requestId: string;
  /** The caller's X-Request-Id, kept beside ours. */
  readonly clientRequestId?: string | undefined;
  /** From `traceparent`. */
  readonly traceId?: string | undefined;
  readonly upstreamId?: string | undefined;
  readonly payer: Payer;
  readonly path: string;
  readonly door: DoorName;
  readonly modelSlug?: string | undefined;
  readonly backendId?: string | undefined;
  readonly stream: boolean;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly httpStatus: number;
  readonly outcome: "completed" | "client_gone" | "failed" | "refused";
  readonly errorCode?: string | undefined;
  /** For operators: what really happened behind the error code. */
  readonly errorReason?: string | undefined;
  readonly refusal?: TraceRefusal | undefined;
  readonly steps: readonly TraceStep[];
  readonly candidates: readonly TraceCandidate[];
  readonly attempts: readonly TraceAttempt[];
  readonly dropped: readonly string[];
  readonly userAgent?: string | undefined;
}
