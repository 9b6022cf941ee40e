import type { FinishReason, StopDetail } from "../../core/chat.ts";

/** Reasons of this format which say more than the middle form's. */
const OWN: ReadonlySet<string> = new Set([
  "stop_sequence",
  "pause_turn",
  "model_context_window_exceeded",
  "refusal",
]);

/** An answer that broke off for reasons nobody knows is never told as a whole one. */
const BY_FINISH: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
  error: "max_tokens",
};

/**
 * The members that tell how an answer ended. One that calls tools ends for them, whatever its provider says (OpenAI says
 * "stop" of a call that was demanded): programs run what was called for no other reason.
 */
export function stopMembers(
  reason: FinishReason,
  detail: StopDetail | undefined,
  hasCalls: boolean,
): Record<string, unknown> {
  const own = detail !== undefined && OWN.has(detail.reason) ? detail : undefined;
  return {
    stop_reason: own?.reason ?? BY_FINISH[reason === "stop" && hasCalls ? "tool_calls" : reason],
    stop_sequence: own?.sequence ?? null,
    ...(own?.more && { stop_details: own.more }),
  };
}
