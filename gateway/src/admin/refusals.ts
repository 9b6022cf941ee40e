import { ApiError, type ErrorCode, type ErrorDetail } from "../errors.ts";
import { StoreUnavailable, WriteConflict, type ConflictKind } from "../store/errors.ts";

/** What a conflict of a commit means at this endpoint; conflicts that are not named are plain CONFLICT. */
export type ConflictCodes = Partial<Record<ConflictKind, ErrorCode>>;

/** Runs a commit and words its refusal for the caller. Throws ApiError; a bug stays what it is. */
export async function committed(commit: Promise<void>, codes: ConflictCodes): Promise<void> {
  try {
    await commit;
  } catch (error) {
    if (error instanceof WriteConflict) throw new ApiError(codes[error.kind] ?? "CONFLICT");
    throw error;
  }
}

/**
 * Turns an outage of the store into its code, and what has changed under a call's hands into CONFLICT; anything else is
 * passed on.
 */
export function storeRefusal(error: unknown): unknown {
  if (error instanceof WriteConflict && error.kind === "stale") return new ApiError("CONFLICT");
  return error instanceof StoreUnavailable
    ? new ApiError("DEPENDENCY_UNAVAILABLE", undefined, { retryAfterSeconds: 1 })
    : error;
}

/** What must go first before something can be deleted: `field` says what, `count` how many there are. */
export interface Dependents {
  readonly field: string;
  readonly count: number;
}

/** Refuses to delete what is in use. Throws ApiError CONFLICT saying by what. */
export function demandUnused(what: string, dependents: readonly Dependents[]): void {
  const details: ErrorDetail[] = dependents
    .filter(({ count }) => count > 0)
    .map(({ field, count }) => ({ field, message: `${count} still there` }));
  if (details.length === 0) return;
  throw new ApiError("CONFLICT", `This ${what} is in use.`, {
    details,
    hint: `Delete what \`details\` names, then the ${what}; or suspend it.`,
  });
}
