import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { type Usage, type UsageBucket, UNBELIEVED_USAGE } from "../../core/usage.ts";
import { countIn, countOf } from "../usage-counts.ts";

const REPORT_CHARS_MAX = 200;

/**
 * Maps `usage` onto disjoint buckets: what was read from a cache and written to one stands beside `inputTokens`. What
 * was written for an hour is named in `cacheDetails`; the rest lasts five minutes. Undefined where the counts cannot
 * be believed: a prompt of no tokens at all is none.
 */
export function readUsage(wire: unknown): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const input = countOf(wire["inputTokens"]);
  const output = countOf(wire["outputTokens"]);
  if (input === undefined || output === undefined) return undefined;
  const read = countIn(wire, "cacheReadInputTokens", "cacheReadInputTokenCount");
  const written = countIn(wire, "cacheWriteInputTokens", "cacheWriteInputTokenCount");
  if (input + read + written === 0) return undefined;
  const anHour = Math.min(writtenForAnHour(wire), written);
  const buckets: readonly (readonly [UsageBucket, number])[] = [
    ["input", input],
    ["input_cached_read", read],
    ["input_cached_write_5m", written - anHour],
    ["input_cached_write_1h", anHour],
    ["output", output],
  ];
  return Object.fromEntries(buckets.filter(([, tokens]) => tokens > 0));
}

/** Why a report is not taken at its word, for the trace; undefined when it is, and when there is none. */
export function usageProblem(wire: unknown): string | undefined {
  if (!isObject(wire) || readUsage(wire) !== undefined) return undefined;
  return `${UNBELIEVED_USAGE}: ${JSON.stringify(wire).slice(0, REPORT_CHARS_MAX)}`;
}

function writtenForAnHour(wire: JsonObject): number {
  const details = isList(wire["cacheDetails"]) ? wire["cacheDetails"] : [];
  return details.reduce<number>(
    (sum, one) => sum + (isObject(one) && one["ttl"] === "1h" ? countIn(one, "inputTokens") : 0),
    0,
  );
}
