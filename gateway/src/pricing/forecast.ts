import type { BudgetWindow, Measure } from "../core/budget.ts";

/** What will have been spent at the end of a window if it goes on as so far; undefined where it has no end. */
export function forecastOf({ start, end }: BudgetWindow, spent: Measure, nowMs: number): Measure | undefined {
  if (end === undefined) return undefined;
  const length = end - start;
  const passed = Math.min(Math.max(1, nowMs - start), length);
  return {
    pico: (spent.pico * BigInt(length)) / BigInt(passed),
    tokens: Math.round((spent.tokens / passed) * length),
    requests: Math.round((spent.requests / passed) * length),
  };
}
