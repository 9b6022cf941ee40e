import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { type Fault, type FaultClass, FaultError } from "../../core/fault.ts";
import { type ErrorWords, faultInWords, isTooLong, wordsOfText } from "../http/fault-words.ts";
import { retryAfterSeconds } from "../http/retry-after.ts";
import { classOfStatus } from "../http/status.ts";
import type { UnknownModelSigns } from "../http/unknown-model.ts";
import { nonEmpty } from "../text.ts";

/** Canonical status names of Google's APIs. Format: google.rpc.Code. */
const CLASS_BY_STATUS: ReadonlyMap<string, FaultClass> = new Map<string, FaultClass>([
  ["INVALID_ARGUMENT", "bad_request"],
  ["OUT_OF_RANGE", "bad_request"],
  ["UNIMPLEMENTED", "bad_request"],
  // The account is not allowed to: no billing, or not in this country.
  ["FAILED_PRECONDITION", "auth"],
  ["UNAUTHENTICATED", "auth"],
  ["PERMISSION_DENIED", "auth"],
  ["RESOURCE_EXHAUSTED", "rate_limited"],
  ["UNAVAILABLE", "unavailable"],
  ["DEADLINE_EXCEEDED", "timeout"],
  ["CANCELLED", "server_error"],
  ["ABORTED", "server_error"],
  ["INTERNAL", "server_error"],
  ["DATA_LOSS", "server_error"],
  ["UNKNOWN", "server_error"],
]);

/** `reason` of an ErrorInfo that speaks of our key or account, whatever the status: a wrong key is a 400 there. */
const ACCOUNT_REASON =
  /^(?:API_KEY_|ACCESS_TOKEN_|SERVICE_DISABLED|BILLING_|CONSUMER_|ACCOUNT_STATE_|CREDENTIALS_)/;

/** INVALID_ARGUMENT (400) for names that can be none, and of models without this method. */
const UNKNOWN_MODEL: UnknownModelSigns = {
  codes: new Set(),
  sentence:
    /^(?:\* GenerateContentRequest\.model: unexpected model name format|models\/\S+ is not (?:found|supported)|Publisher Model \S+ (?:was not found|is not (?:found|supported|servable)))/i,
};

const DETAILS_MAX = 16;

/** Classes a non-2xx answer. `headers` are lower-case. */
export function classify(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  nowMs: number,
): Fault {
  const error = errorOfBody(body);
  const words = error === undefined ? wordsOfText(body.trimStart()) : wordsOf(error);
  const retry = retryAfterSeconds(headers, nowMs) ?? retryDelayOf(error);
  const fault = error === undefined ? classOfStatus(status) : classOf(error, words, classOfStatus(status));
  return faultInWords(
    fault,
    words,
    `HTTP ${status}`,
    {
      status,
      ...(retry !== undefined && { retryAfterSeconds: retry }),
    },
    UNKNOWN_MODEL,
  );
}

/** The fault that an error object in a stream, or in an answer with status 200, tells. */
export function faultOfErrorObject(error: JsonObject): FaultError {
  const words = wordsOf(error);
  const { code } = error;
  const byCode = typeof code === "number" && code >= 400 && code < 600 ? classOfStatus(code) : "server_error";
  const retry = retryDelayOf(error);
  const more = retry === undefined ? {} : { retryAfterSeconds: retry };
  return new FaultError(
    faultInWords(classOf(error, words, byCode), words, "error object in the answer", more, UNKNOWN_MODEL),
  );
}

/** The error in a body or an event; undefined when it holds none. */
export function errorIn(value: unknown): JsonObject | undefined {
  // Without server-sent events, what streams is a list.
  const first = isList(value) ? value[0] : value;
  const error = isObject(first) ? first["error"] : undefined;
  return isObject(error) ? error : undefined;
}

/** Why the whole prompt was refused, where it was. */
export function blockedPrompt(feedback: unknown): FaultError | undefined {
  const reason = isObject(feedback) ? nonEmpty(feedback["blockReason"]) : undefined;
  if (reason === undefined || !isObject(feedback)) return undefined;
  const said = nonEmpty(feedback["blockReasonMessage"]);
  const message = `the prompt was blocked (${reason})${said === undefined ? "" : `: ${said}`}`;
  return new FaultError(faultInWords("content_filter", { message, codes: [reason] }, "promptFeedback", {}));
}

function errorOfBody(body: string): JsonObject | undefined {
  try {
    return errorIn(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function classOf(error: JsonObject, words: ErrorWords, byStatus: FaultClass): FaultClass {
  if (detailsOf(error).some((detail) => ACCOUNT_REASON.test(String(detail["reason"])))) return "auth";
  const named = CLASS_BY_STATUS.get(String(error["status"])) ?? byStatus;
  return named === "bad_request" && isTooLong(words) ? "context_length" : named;
}

function wordsOf(error: JsonObject): ErrorWords {
  const message = nonEmpty(error["message"]);
  const reasons = detailsOf(error).map((detail) => detail["reason"]);
  const codes = [error["status"], ...reasons]
    .map((code) => nonEmpty(code)?.slice(0, 60))
    .filter((code) => code !== undefined);
  return { ...(message !== undefined && { message }), codes };
}

function detailsOf(error: JsonObject): readonly JsonObject[] {
  const { details } = error;
  return isList(details) ? details.slice(0, DETAILS_MAX).filter(isObject) : [];
}

/** `retryDelay` of a RetryInfo: `34.07s`. */
function retryDelayOf(error: JsonObject | undefined): number | undefined {
  const delays = error === undefined ? [] : detailsOf(error).map((detail) => nonEmpty(detail["retryDelay"]));
  const delay = delays.find((text) => text !== undefined && /^\d+(?:\.\d+)?s$/.test(text));
  return delay === undefined ? undefined : retryAfterSeconds({ "retry-after": delay.slice(0, -1) }, 0);
}
