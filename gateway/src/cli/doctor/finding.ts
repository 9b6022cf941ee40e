/**
 * - `ok`: as it should be
 * - `warning`: it works, and somebody should look at it
 * - `failed`: the gateway does not start, or does not serve
 * - `skipped`: nobody could look
 */
export type FindingState = "ok" | "warning" | "failed" | "skipped";

/** What was looked at, and what was seen. */
export interface Finding {
  readonly check: string;
  readonly state: FindingState;
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** What a check says that something is in its way. */
export function failed(check: string, error: unknown): Finding {
  const text = error instanceof Error ? error.message : String(error);
  return { check, state: "failed", found: text.replaceAll(/\s*\n\s*/g, " ") };
}
