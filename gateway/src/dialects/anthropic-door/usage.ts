import { isObject } from "../../base/json.ts";
import { outputTokens, USAGE_BUCKETS, type Usage } from "../../core/usage.ts";
import { readUsage } from "../anthropic-messages/usage.ts";

/** Writes buckets the way Anthropic counts: the cache beside the input, thinking inside the output. */
export function writeUsage(usage: Usage): Record<string, unknown> {
  const fiveMinutes = usage.input_cached_write_5m ?? 0;
  const oneHour = usage.input_cached_write_1h ?? 0;
  const thinking = usage.output_reasoning ?? 0;
  return {
    input_tokens: (usage.input ?? 0) + (usage.input_audio ?? 0),
    cache_creation_input_tokens: fiveMinutes + oneHour,
    cache_read_input_tokens: usage.input_cached_read ?? 0,
    cache_creation: { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: oneHour },
    output_tokens: outputTokens(usage),
    ...(thinking > 0 && { output_tokens_details: { thinking_tokens: thinking } }),
    ...(usage.search !== undefined && { server_tool_use: { web_search_requests: usage.search } }),
  };
}

/** Whether a reported usage says what was settled. */
export function saysUsage(wire: unknown, settled: Usage): boolean {
  const said = isObject(wire) ? readUsage(wire) : undefined;
  return (
    said !== undefined && USAGE_BUCKETS.every((bucket) => (said[bucket] ?? 0) === (settled[bucket] ?? 0))
  );
}
