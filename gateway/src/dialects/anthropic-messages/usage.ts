import { isObject, type JsonObject } from "../../base/json.ts";
import { type Usage, type UsageBucket, UNBELIEVED_USAGE } from "../../core/usage.ts";
import { countIn, countOf, Shares } from "../usage-counts.ts";

/**
 * Maps a `usage` object onto disjoint buckets. What is read from or written to the cache stands beside
 * `input_tokens`; thinking is counted inside `output_tokens`. Undefined when the two main counts are missing or
 * unbelievable: a prompt of 0 tokens is.
 */
export function readUsage(wire: unknown): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const input = countOf(wire["input_tokens"]);
  const output = countOf(wire["output_tokens"]);
  if (input === undefined || output === undefined) return undefined;
  const usage: Partial<Record<UsageBucket, number>> = {};
  if (input > 0) usage.input = input;
  const read = countIn(wire, "cache_read_input_tokens");
  if (read > 0) usage.input_cached_read = read;
  readWritten(wire, usage);
  if (Object.keys(usage).length === 0) return undefined;
  const shares = new Shares(output, usage);
  shares.take("output_reasoning", countIn(wire["output_tokens_details"], "thinking_tokens"));
  shares.rest("output");
  const searches = countIn(wire["server_tool_use"], "web_search_requests");
  if (searches > 0) usage.search = searches;
  return usage;
}

/** The total is the provider's word; its parts say how long it is kept, and may be missing. */
function readWritten(wire: JsonObject, usage: Partial<Record<UsageBucket, number>>): void {
  const parts = wire["cache_creation"];
  const fiveMinutes = countIn(parts, "ephemeral_5m_input_tokens");
  const oneHour = countIn(parts, "ephemeral_1h_input_tokens");
  const shares = new Shares(countIn(wire, "cache_creation_input_tokens") || fiveMinutes + oneHour, usage);
  shares.take("input_cached_write_1h", oneHour);
  shares.rest("input_cached_write_5m");
}

/** Of what an upstream reported, as much as the trace tells. */
const REPORT_CHARS_MAX = 200;

/** Why a report is not taken at its word, for the trace; undefined when it is, and when there is none. */
export function usageProblem(wire: unknown): string | undefined {
  if (!isObject(wire) || readUsage(wire) !== undefined) return undefined;
  if (!wire["input_tokens"] && !wire["output_tokens"]) return undefined;
  return `${UNBELIEVED_USAGE}: ${JSON.stringify(wire).slice(0, REPORT_CHARS_MAX)}`;
}

/** Counts of a stream are of the whole answer so far: what comes later replaces what it names. */
export function laterUsage(before: JsonObject, later: unknown): JsonObject {
  if (!isObject(later)) return before;
  return { ...before, ...Object.fromEntries(Object.entries(later).filter(([, value]) => value != null)) };
}
