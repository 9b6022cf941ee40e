/** What every wire format must have proved, each by a recorded and an adversarial case. */
export const CONCERNS = [
  "text",
  "multi_part_content",
  "tools",
  "parallel_tools",
  "tool_without_arguments",
  "split_arguments",
  "reasoning",
  "opaque",
  "cache_control",
  "structured_output",
  "stop_reasons",
  "refusals",
  "usage",
  "errors",
  "unicode_split",
  "truncation",
  "malformed_event",
  "duplicate_done",
  "unknown_fields",
] as const;
export type Concern = (typeof CONCERNS)[number];

/** `recorded`: as a well-behaved peer sends it. `adversarial`: as a broken or hostile one does. */
export const ORIGINS = ["recorded", "adversarial"] as const;
export type Origin = (typeof ORIGINS)[number];

/** Cells of the table that a list of cases leaves empty. */
export function gapsOf(
  cases: readonly { concern: Concern; origin: Origin }[],
  without: readonly Concern[] = [],
): string[] {
  const gaps: string[] = [];
  for (const concern of CONCERNS) {
    if (without.includes(concern)) continue;
    for (const origin of ORIGINS) {
      const isThere = cases.some((one) => one.concern === concern && one.origin === origin);
      if (!isThere) gaps.push(`${concern}/${origin}`);
    }
  }
  return gaps;
}
