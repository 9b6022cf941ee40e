import type { FinishReason } from "../../core/chat.ts";

/** What servers that speak this format call the end of an answer, lower-case. */
const FINISH_REASON_BY_NAME: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["stop", "stop"],
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["eos", "stop"],
  ["eos_token", "stop"],
  ["complete", "stop"],
  ["completed", "stop"],
  ["length", "length"],
  ["max_tokens", "length"],
  ["max_output_tokens", "length"],
  ["model_length", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_calls", "tool_calls"],
  ["tool_call", "tool_calls"],
  ["tool_use", "tool_calls"],
  ["function_call", "tool_calls"],
  ["content_filter", "content_filter"],
  ["content_filtered", "content_filter"],
  ["safety", "content_filter"],
  ["sensitive", "content_filter"],
  ["recitation", "content_filter"],
  ["prohibited_content", "content_filter"],
  ["refusal", "content_filter"],
  ["error", "error"],
  ["abort", "error"],
  ["network_error", "error"],
  ["insufficient_system_resource", "error"],
]);

/** Spellings of there being none yet; Alibaba's own format says "null". */
const NO_REASON: ReadonlySet<unknown> = new Set([undefined, null, "", "null", false]);

/**
 * Maps a finish reason. Undefined while there is none. A name not in the table is
 * `error` and `known: false`: what ended for a reason nobody knows may be half an answer, and half an answer
 * is never presented as a whole one.
 */
export function mapFinishReason(value: unknown): { reason: FinishReason; known: boolean } | undefined {
  if (NO_REASON.has(value)) return undefined;
  const reason = typeof value === "string" ? FINISH_REASON_BY_NAME.get(value.toLowerCase()) : undefined;
  return reason === undefined ? { reason: "error", known: false } : { reason, known: true };
}

/** For the trace: a finish reason that has no row above. */
export function unknownFinishNote(value: unknown): string {
  return `unknown finish reason ${JSON.stringify(value).slice(0, 60)} taken as "error"`;
}
