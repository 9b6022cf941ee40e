import { isObject, type JsonObject } from "../../base/json.ts";
import type { FinishReason, StopDetail } from "../../core/chat.ts";

interface Ending {
  readonly reason: FinishReason;
  /** Whether the provider's word says more than the reason. */
  readonly saysMore?: boolean;
}

const BY_STOP_REASON: ReadonlyMap<string, Ending> = new Map<string, Ending>([
  ["end_turn", { reason: "stop" }],
  ["stop_sequence", { reason: "stop", saysMore: true }],
  ["max_tokens", { reason: "length" }],
  ["model_context_window_exceeded", { reason: "length", saysMore: true }],
  ["tool_use", { reason: "tool_calls" }],
  // The turn goes on when the answer is sent back as it is: half an answer, so never "stop".
  ["pause_turn", { reason: "length", saysMore: true }],
  ["refusal", { reason: "content_filter", saysMore: true }],
]);

/** How an answer ended. */
export interface Stop {
  readonly reason: FinishReason;
  readonly detail?: StopDetail;
  /** Why the model refused, in the provider's words. */
  readonly refusal?: string;
  /** For the trace: a reason that has no row above is "error", since it may stand for half an answer. */
  readonly unknown?: string;
}

/** Reads `stop_reason` and what stands beside it; undefined while there is none. */
export function readStop(holder: JsonObject): Stop | undefined {
  const word = holder["stop_reason"];
  if (word === undefined || word === null || word === "") return undefined;
  const known = typeof word === "string" ? BY_STOP_REASON.get(word) : undefined;
  if (typeof word !== "string" || known === undefined) {
    return {
      reason: "error",
      unknown: `unknown stop reason ${JSON.stringify(word).slice(0, 60)} taken as "error"`,
    };
  }
  if (known.saysMore !== true) return { reason: known.reason };
  const sequence = holder["stop_sequence"];
  const more = holder["stop_details"];
  const explanation = isObject(more) ? more["explanation"] : undefined;
  return {
    reason: known.reason,
    detail: {
      reason: word,
      ...(typeof sequence === "string" && { sequence }),
      ...(isObject(more) && { more }),
    },
    ...(typeof explanation === "string" && explanation !== "" && { refusal: explanation }),
  };
}
