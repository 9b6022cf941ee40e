import type { FinishReason } from "../../core/chat.ts";

/** Why a candidate ended. Format: Gemini API reference, "FinishReason". */
const BY_NAME: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["SAFETY", "content_filter"],
  ["RECITATION", "content_filter"],
  ["LANGUAGE", "content_filter"],
  ["BLOCKLIST", "content_filter"],
  ["PROHIBITED_CONTENT", "content_filter"],
  ["SPII", "content_filter"],
  ["MODEL_ARMOR", "content_filter"],
  ["IMAGE_SAFETY", "content_filter"],
  ["IMAGE_PROHIBITED_CONTENT", "content_filter"],
  ["IMAGE_RECITATION", "content_filter"],
  ["MALFORMED_FUNCTION_CALL", "error"],
  ["UNEXPECTED_TOOL_CALL", "error"],
  ["TOO_MANY_TOOL_CALLS", "error"],
  ["MISSING_THOUGHT_SIGNATURE", "error"],
  ["MALFORMED_RESPONSE", "error"],
  ["IMAGE_OTHER", "error"],
  ["NO_IMAGE", "error"],
  ["OTHER", "error"],
]);

/**
 * Maps a finish reason; undefined while there is none. A name without a row is `error`: half an answer is never
 * presented as a whole one.
 */
export function mapFinishReason(value: unknown): { reason: FinishReason; known: boolean } | undefined {
  if (value === undefined || value === null || value === "" || value === "FINISH_REASON_UNSPECIFIED") {
    return undefined;
  }
  const reason = typeof value === "string" ? BY_NAME.get(value) : undefined;
  return { reason: reason ?? "error", known: reason !== undefined };
}
