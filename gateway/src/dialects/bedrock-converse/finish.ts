import { isObject } from "../../base/json.ts";
import type { FinishReason, StopDetail } from "../../core/chat.ts";
import { nonEmpty } from "../text.ts";

/** Why an answer ended. Format: Amazon Bedrock API reference, "ConverseResponse", `stopReason`. */
const BY_NAME: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["tool_use", "tool_calls"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["guardrail_intervened", "content_filter"],
  ["content_filtered", "content_filter"],
  ["refusal", "content_filter"],
  ["malformed_model_output", "error"],
  ["malformed_tool_use", "error"],
]);

/** The reasons that the finish reason says all of. */
const PLAIN: ReadonlySet<string> = new Set(["end_turn", "tool_use", "max_tokens"]);

/** How an answer ended. */
export interface Ending {
  readonly reason: FinishReason;
  readonly detail?: StopDetail;
  readonly known: boolean;
}

/** Reads the end out of a body or a `messageStop`; undefined where there is none. A name without a row is `error`. */
export function endingOf(stopReason: unknown, additional: unknown): Ending | undefined {
  const name = nonEmpty(stopReason)?.slice(0, 60);
  if (name === undefined) return undefined;
  const reason = BY_NAME.get(name);
  if (PLAIN.has(name)) return { reason: reason ?? "error", known: true };
  const sequence = sequenceIn(additional);
  const detail = { reason: name, ...(sequence !== undefined && { sequence }) };
  return { reason: reason ?? "error", detail, known: reason !== undefined };
}

/** Anthropic's models name the stop sequence beside the format's own members. */
function sequenceIn(additional: unknown): string | undefined {
  if (!isObject(additional)) return undefined;
  const delta = isObject(additional["delta"]) ? additional["delta"] : additional;
  return nonEmpty(delta["stop_sequence"]);
}
