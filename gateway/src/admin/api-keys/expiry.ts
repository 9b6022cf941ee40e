import { z } from "zod";
import { ApiError } from "../../errors.ts";

/** When a key stops working, as callers give it; epoch milliseconds inside. */
export const expiry = z.iso
  .datetime({ offset: true, error: "must be a date and time such as 2027-01-31T00:00:00Z" })
  .transform((text) => Date.parse(text));

/** Refuses a key that would be dead at birth. Throws ApiError VALIDATION_ERROR. */
export function demandFuture(expiresAt: number | null | undefined, nowMs: number): void {
  if (typeof expiresAt !== "number" || expiresAt > nowMs) return;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "expires_at", message: "must lie in the future" }],
  });
}
