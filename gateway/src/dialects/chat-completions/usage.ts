import { isObject, type JsonObject } from "../../base/json.ts";
import {
  inputTokens,
  outputTokens,
  type Usage,
  type UsageBucket,
  UNBELIEVED_USAGE,
} from "../../core/usage.ts";
import { countIn, countOf, Shares } from "../usage-counts.ts";

/**
 * Maps a `usage` object of the chat completions format onto disjoint buckets. Cached, cache-written and audio
 * tokens are counted inside `prompt_tokens`, reasoning and audio inside `completion_tokens`, except where
 * `total_tokens` shows that reasoning stands outside (xAI, Gemini) or it has a field of its own beside the two
 * (Perplexity). Undefined when the two main counts are missing or unbelievable: a prompt of 0 tokens is.
 */
export function readUsage(wire: unknown): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const prompt = countOf(wire["prompt_tokens"]);
  const total = countOf(wire["total_tokens"]);
  if (prompt === undefined || prompt === 0) return undefined;
  const reported = countOf(wire["completion_tokens"]);
  const completion = reported ?? (total === undefined ? undefined : total - prompt);
  if (completion === undefined || completion < 0) return undefined;
  const usage: Partial<Record<UsageBucket, number>> = {};
  readInput(wire, prompt, usage);
  readOutput(wire, completion, hiddenReasoning(wire, prompt, completion, total), usage);
  const searches = countIn(wire, "num_search_queries", "num_sources_used");
  if (searches > 0) usage.search = searches;
  return usage;
}

/** Of what an upstream reported, as much as the trace tells. */
const REPORT_CHARS_MAX = 200;

/**
 * Why a report is not taken at its word, for the trace; undefined when it is, and when there is none: some
 * upstreams write zeros until they know.
 */
export function usageProblem(wire: unknown): string | undefined {
  if (!isObject(wire) || readUsage(wire) !== undefined) return undefined;
  const saysNothing = ["prompt_tokens", "completion_tokens"].every((field) => !wire[field]);
  if (saysNothing) return undefined;
  return `${UNBELIEVED_USAGE}: ${JSON.stringify(wire).slice(0, REPORT_CHARS_MAX)}`;
}

function readInput(wire: JsonObject, prompt: number, usage: Partial<Record<UsageBucket, number>>): void {
  const details = wire["prompt_tokens_details"];
  const written = isObject(details) ? details["cache_creation"] : undefined;
  const shares = new Shares(prompt, usage);
  const cached = countIn(details, "cached_tokens");
  shares.take(
    "input_cached_read",
    cached > 0 ? cached : countIn(wire, "cached_tokens", "prompt_cache_hit_tokens"),
  );
  const oneHour = countIn(written, "ephemeral_1h_input_tokens");
  shares.take("input_cached_write_1h", oneHour);
  const allWritten = countIn(details, "cache_creation_input_tokens", "cache_write_tokens");
  const fiveMinutes = countIn(written, "ephemeral_5m_input_tokens");
  shares.take("input_cached_write_5m", Math.max(fiveMinutes, allWritten - oneHour, 0));
  shares.take("input_audio", countIn(details, "audio_tokens"));
  shares.rest("input");
}

/** Reasoning tokens that the completion count leaves out. */
function hiddenReasoning(
  wire: JsonObject,
  prompt: number,
  completion: number,
  total: number | undefined,
): number {
  const beside = countIn(wire, "reasoning_tokens");
  if (beside > completion) return beside;
  const uncounted = (total ?? 0) - prompt - completion;
  if (uncounted <= 0) return 0;
  const named = countIn(wire["completion_tokens_details"], "reasoning_tokens");
  // A total that exceeds its parts by anything else than the reasoning it names proves nothing.
  return named === 0 || named === uncounted ? uncounted : 0;
}

function readOutput(
  wire: JsonObject,
  completion: number,
  hidden: number,
  usage: Partial<Record<UsageBucket, number>>,
): void {
  const details = wire["completion_tokens_details"];
  const shares = new Shares(completion + hidden, usage);
  const named = countIn(details, "reasoning_tokens");
  shares.take(
    "output_reasoning",
    hidden > 0 ? hidden : named > 0 ? named : countIn(wire, "reasoning_tokens"),
  );
  shares.take("output_audio", countIn(details, "audio_tokens"));
  shares.rest("output");
}

/** The `usage` object callers see. */
export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens: number; readonly audio_tokens: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens: number; readonly audio_tokens: number };
}

/** Writes buckets the way OpenAI counts: cached inside the prompt, reasoning inside the completion. */
export function writeUsage(usage: Usage): WireUsage {
  const prompt = inputTokens(usage);
  const completion = outputTokens(usage);
  const cached = usage.input_cached_read ?? 0;
  const audioIn = usage.input_audio ?? 0;
  const reasoning = usage.output_reasoning ?? 0;
  const audioOut = usage.output_audio ?? 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(cached + audioIn > 0 && { prompt_tokens_details: { cached_tokens: cached, audio_tokens: audioIn } }),
    ...(reasoning + audioOut > 0 && {
      completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: audioOut },
    }),
  };
}
