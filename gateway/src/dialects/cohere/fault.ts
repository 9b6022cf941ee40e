import { isObject } from "../../base/json.ts";
import { type Fault, type FaultClass, FaultError } from "../../core/fault.ts";
import { type ErrorWords, faultInWords, isTooLong, wordsOfText } from "../http/fault-words.ts";
import { retryAfterSeconds } from "../http/retry-after.ts";
import { classOfStatus } from "../http/status.ts";
import type { UnknownModelSigns } from "../http/unknown-model.ts";
import { nonEmpty } from "../text.ts";

/** Statuses of Cohere's own: a token that is blocked or no good, a call that was cancelled. */
const OWN_STATUSES: ReadonlyMap<number, FaultClass> = new Map<number, FaultClass>([
  [498, "auth"],
  [499, "server_error"],
]);

const UNKNOWN_MODEL: UnknownModelSigns = {
  codes: new Set(),
  sentence: /^(?:invalid model\b|model '[^']*' (?:not found|was removed|does not exist))/i,
};

/** Classes a non-2xx answer: `{"message": …}`. `headers` are lower-case. */
export function classify(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  nowMs: number,
): Fault {
  const words = wordsOfBody(body);
  const byStatus = OWN_STATUSES.get(status) ?? classOfStatus(status);
  const retry = retryAfterSeconds(headers, nowMs);
  return faultInWords(
    byStatus === "bad_request" && isTooLong(words) ? "context_length" : byStatus,
    words,
    `HTTP ${status}`,
    { status, ...(retry !== undefined && { retryAfterSeconds: retry }) },
    UNKNOWN_MODEL,
  );
}

/** The fault of an answer that failed on its way: `reason` is its finish reason, or where the error stood. */
export function faultOfEnd(faultClass: FaultClass, reason: string, said: unknown): FaultError {
  const message = nonEmpty(said) ?? (isObject(said) ? nonEmpty(said["message"]) : undefined);
  const words = { codes: [reason], ...(message !== undefined && { message }) };
  return new FaultError(faultInWords(faultClass, words, "error in the answer", {}));
}

function wordsOfBody(body: string): ErrorWords {
  try {
    const parsed: unknown = JSON.parse(body);
    const error = isObject(parsed) && isObject(parsed["error"]) ? parsed["error"] : parsed;
    const message = isObject(error) ? nonEmpty(error["message"]) : undefined;
    return { codes: [], ...(message !== undefined && { message }) };
  } catch {
    return wordsOfText(body.trimStart());
  }
}
