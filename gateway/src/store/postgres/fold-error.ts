import { type EngineFailure, errorField, StoreUnavailable } from "../errors.ts";

/**
 * SQLSTATE classes that say nothing about the statement: connection (08), rollback by the server such as a
 * deadlock (40), resources (53), object in use or lock timeout (55), operator intervention such as shutdown or a
 * cancelled query (57), system error (58).
 */
const UNAVAILABLE = /^(08|40|53|55|57|58)/;

/** What an error of Bun.SQL means (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
export function foldPostgresError(error: unknown): EngineFailure {
  const state = errorField(error, "errno");
  const message = errorField(error, "message") ?? "";
  if (state === "23505") return { kind: "unique", constraint: errorField(error, "constraint") ?? "" };
  if (state === "23503") return { kind: "foreign_key" };
  if (state !== undefined) {
    return UNAVAILABLE.test(state)
      ? { kind: "unavailable", reason: `${state}: ${message}` }
      : { kind: "other" };
  }
  // Raised by the client itself: refused, closed, timed out.
  const code = errorField(error, "code") ?? "";
  const ours = code.startsWith("ERR_POSTGRES_") || code.startsWith("ECONN");
  return ours ? { kind: "unavailable", reason: `${code}: ${message}` } : { kind: "other" };
}

/**
 * Whether the server has given a statement up, and undone it, because it took or waited too long, or stood in the way of
 * another that waited for it.
 */
export function isTimedOut(error: unknown): boolean {
  const cause: unknown = error instanceof StoreUnavailable ? error.cause : error;
  return /^(40P01|55P03|57014)$/.test(errorField(cause, "errno") ?? "");
}

/** Whether the server found a row's values wrong (classes 22 and 23): sent again they would be refused again. */
export function isDataError(error: unknown): boolean {
  return /^(22|23)/.test(errorField(error, "errno") ?? "");
}
