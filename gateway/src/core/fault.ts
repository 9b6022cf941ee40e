/**
 * What can go wrong with an upstream, classed once by the transport or the dialect. Routing decides on the
 * class alone; `inference/fault-to-error.ts` alone turns it into an error code for the caller.
 */
export const FAULT_CLASSES = [
  "rate_limited",
  "timeout",
  "unavailable",
  "server_error",
  "network",
  "auth",
  "bad_request",
  "context_length",
  "content_filter",
  "shape",
] as const;
export type FaultClass = (typeof FAULT_CLASSES)[number];

/** Faults that another backend may not have. `context_length` is one only for a model with a larger window. */
export const FAILOVER_CLASSES = [
  "rate_limited",
  "timeout",
  "unavailable",
  "server_error",
  "network",
  "auth",
  "context_length",
  "shape",
] as const satisfies readonly FaultClass[];

export interface Fault {
  readonly class: FaultClass;
  /** For operators (trace and log): may name the upstream's own words, never credentials. */
  readonly reason: string;
  /** For the caller: the provider's own sentence where it concerns their request (bad_request and its like). */
  readonly publicReason?: string;
  /** The request field at fault, where the provider names it. */
  readonly field?: string;
  /** HTTP status of the upstream, if it got that far. */
  readonly status?: number;
  /** Whole seconds ≥ 1, as the upstream asked; clamped by whoever uses it. */
  readonly retryAfterSeconds?: number;
  /** The upstream says that it does not know the model, whatever its status. */
  readonly unknownModel?: true;
  readonly upstreamId?: string;
  /** No connection came up, so that nothing of the call has been sent. */
  readonly neverSent?: boolean;
  /** What there was nobody took: the time that has passed was a slow caller's, and says nothing of the upstream. */
  readonly unread?: true;
  /** Asked for by the caller of a sandbox model: never retried, never moves a circuit. */
  readonly simulated?: boolean;
}

/** What an upstream answers that does not know the address or the model it was asked for. */
const UNKNOWN_THERE: ReadonlySet<number | undefined> = new Set([404, 405]);

/**
 * Whether a request was refused for what its caller chose neither: an address or a model that the upstream does not
 * know, such as one that was retired. Another backend may serve it.
 */
export function isUnknownThere({ class: kind, status, unknownModel }: Fault): boolean {
  return kind === "bad_request" && (unknownModel === true || UNKNOWN_THERE.has(status));
}

/** A fault on its way up. It carries no stack: it is an outcome, not a bug. */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.reason);
    this.name = "FaultError";
    this.fault = fault;
  }
}
