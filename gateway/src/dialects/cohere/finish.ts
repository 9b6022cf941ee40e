import type { ChatEvent, FinishReason } from "../../core/chat.ts";
import type { FaultClass } from "../../core/fault.ts";
import { faultOfEnd } from "./fault.ts";

const REASONS: ReadonlyMap<unknown, FinishReason> = new Map<unknown, FinishReason>([
  ["COMPLETE", "stop"],
  ["STOP_SEQUENCE", "stop"],
  ["MAX_TOKENS", "length"],
  ["TOOL_CALL", "tool_calls"],
  ["ERROR_TOXIC", "content_filter"],
]);

/** Ends that are failures of the provider, not of the answer. */
const FAULTS: ReadonlyMap<unknown, FaultClass> = new Map<unknown, FaultClass>([
  ["ERROR", "server_error"],
  ["ERROR_LIMIT", "rate_limited"],
  ["TIMEOUT", "timeout"],
]);

/** What an end tells; none where there is no reason. Throws FaultError where the answer has failed. */
export function finishEvents(reason: unknown, error: unknown): readonly ChatEvent[] {
  const faultClass = FAULTS.get(reason);
  if (faultClass !== undefined) throw faultOfEnd(faultClass, String(reason), error);
  if (reason === undefined || reason === null) return [];
  const known = REASONS.get(reason);
  if (known !== undefined) return [{ type: "finish", index: 0, reason: known }];
  const note = `unknown finish reason ${JSON.stringify(reason).slice(0, 60)} taken as "error"`;
  return [
    { type: "skipped", reason: note },
    { type: "finish", index: 0, reason: "error" },
  ];
}
