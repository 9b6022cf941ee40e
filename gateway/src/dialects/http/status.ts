import type { FaultClass } from "../../core/fault.ts";

const BY_STATUS: ReadonlyMap<number, FaultClass> = new Map([
  [401, "auth"],
  // Our account has no money left: the operator's trouble, like bad credentials, and another backend may serve.
  [402, "auth"],
  [403, "auth"],
  [408, "timeout"],
  [429, "rate_limited"],
  [503, "unavailable"],
  [504, "timeout"],
  [529, "unavailable"],
]);

/**
 * The class of an upstream's HTTP status. Redirects are never followed: an upstream that redirects is not the
 * API it was configured as, and asking it again gives the same, so they are `shape`, as is a 2xx that reaches this.
 */
export function classOfStatus(status: number): FaultClass {
  const known = BY_STATUS.get(status);
  if (known !== undefined) return known;
  if (status >= 500) return "server_error";
  return status >= 400 ? "bad_request" : "shape";
}
