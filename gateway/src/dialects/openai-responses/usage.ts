import { isObject } from "../../base/json.ts";
import {
  inputTokens,
  outputTokens,
  type Usage,
  type UsageBucket,
  UNBELIEVED_USAGE,
} from "../../core/usage.ts";
import { countIn, countOf, Shares } from "../usage-counts.ts";

/**
 * Maps a `usage` object of the Responses API onto disjoint buckets: what was cached stands inside `input_tokens`,
 * reasoning inside `output_tokens`. Undefined when one of the two is missing or unbelievable: a prompt of 0 is.
 */
export function readUsage(wire: unknown, searches: number): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const input = countOf(wire["input_tokens"]);
  const output = countOf(wire["output_tokens"]);
  if (input === undefined || input === 0 || output === undefined) return undefined;
  const usage: Partial<Record<UsageBucket, number>> = {};
  const details = wire["input_tokens_details"];
  const given = new Shares(input, usage);
  given.take("input_cached_read", countIn(details, "cached_tokens"));
  given.take("input_cached_write_5m", countIn(details, "cache_write_tokens"));
  given.take("input_audio", countIn(details, "audio_tokens"));
  given.rest("input");
  const said = new Shares(output, usage);
  said.take("output_reasoning", countIn(wire["output_tokens_details"], "reasoning_tokens"));
  said.take("output_audio", countIn(wire["output_tokens_details"], "audio_tokens"));
  said.rest("output");
  if (searches > 0) usage.search = searches;
  return usage;
}

/** Of what an upstream reported, as much as the trace tells. */
const REPORT_CHARS_MAX = 200;

/** Why a report is not taken at its word, for the trace; undefined where there is none, or it says nothing. */
export function usageProblem(wire: unknown): string | undefined {
  if (!isObject(wire) || (!wire["input_tokens"] && !wire["output_tokens"])) return undefined;
  return `${UNBELIEVED_USAGE}: ${JSON.stringify(wire).slice(0, REPORT_CHARS_MAX)}`;
}

/** The `usage` object callers see. */
export interface WireUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

/** Writes buckets the way the Responses API counts. */
export function writeUsage(usage: Usage): WireUsage {
  const input = inputTokens(usage);
  const output = outputTokens(usage);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.input_cached_read ?? 0,
      cache_write_tokens: (usage.input_cached_write_5m ?? 0) + (usage.input_cached_write_1h ?? 0),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.output_reasoning ?? 0 },
    total_tokens: input + output,
  };
}
