/**
 * Disjoint buckets of what one request used. Tokens unless the name says otherwise; every dialect maps its
 * provider's own accounting onto these, so no token is in two of them. `second` is counted in milliseconds, the
 * smallest unit that is priced.
 */
export const USAGE_BUCKETS = [
  "input",
  "input_cached_read",
  "input_cached_write_5m",
  "input_cached_write_1h",
  "input_audio",
  "output",
  "output_reasoning",
  "output_audio",
  "image",
  "second",
  "character",
  "search",
  "request",
] as const;
export type UsageBucket = (typeof USAGE_BUCKETS)[number];

/** How a dialect begins to tell of a report that it does not take at its word. */
export const UNBELIEVED_USAGE = "usage that cannot be believed";

/** Only buckets that are not zero are present; values are integers ≥ 0. */
export type Usage = Readonly<Partial<Record<UsageBucket, number>>>;

export const INPUT_BUCKETS = [
  "input",
  "input_cached_read",
  "input_cached_write_5m",
  "input_cached_write_1h",
  "input_audio",
] as const satisfies readonly UsageBucket[];
export const OUTPUT_BUCKETS = [
  "output",
  "output_reasoning",
  "output_audio",
] as const satisfies readonly UsageBucket[];

function sum(usage: Usage, buckets: readonly UsageBucket[]): number {
  let total = 0;
  for (const bucket of buckets) total += usage[bucket] ?? 0;
  return total;
}

/** All tokens that went in, cached or not. */
export function inputTokens(usage: Usage): number {
  return sum(usage, INPUT_BUCKETS);
}

/** All tokens that came out, reasoning included. */
export function outputTokens(usage: Usage): number {
  return sum(usage, OUTPUT_BUCKETS);
}
