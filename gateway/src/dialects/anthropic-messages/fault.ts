import { isObject } from "../../base/json.ts";
import { type Fault, type FaultClass, FaultError } from "../../core/fault.ts";
import { type ErrorWords, faultInWords, FIELD_CHARS_MAX, isTooLong } from "../http/fault-words.ts";
import { type ErrorReading, faultOfAnswer } from "../http/answered-fault.ts";
import { classOfStatus } from "../http/status.ts";
import type { UnknownModelSigns } from "../http/unknown-model.ts";

const CLASS_BY_TYPE: ReadonlyMap<string, FaultClass> = new Map<string, FaultClass>([
  ["invalid_request_error", "bad_request"],
  ["authentication_error", "auth"],
  ["billing_error", "auth"],
  ["permission_error", "auth"],
  ["not_found_error", "bad_request"],
  ["request_too_large", "bad_request"],
  ["rate_limit_error", "rate_limited"],
  ["timeout_error", "timeout"],
  ["api_error", "server_error"],
  ["overloaded_error", "unavailable"],
]);

const CONTEXT_LIMIT = /exceed(?:s|ed)? (?:the )?context/i;
const FILTERED = /content filtering policy/i;
/** The account's money is no rate that comes back, and no fault of the request: another backend may serve. */
const NO_CREDIT = /credit balance is too low/i;
/** Sentences begin with the place: `messages.0.content: …`. */
const FIELD = /^([a-z_]+(?:\.[a-z_0-9]+)*): /;

/** `model: claude-9`: it is said of nothing else. */
const UNKNOWN_MODEL: UnknownModelSigns = { codes: new Set(), sentence: /^model: / };

const READING: ErrorReading<ErrorWords> = {
  wordsOf,
  classOf: (status, words) => classOf(classOfStatus(status), words),
  unknownModel: UNKNOWN_MODEL,
};

/** Classes a non-2xx answer. `headers` are lower-case. */
export function classifyHttp(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  nowMs: number,
): Fault {
  return faultOfAnswer(READING, status, headers, body, nowMs);
}

/** The fault an error object tells that came in a stream or in a body with status 200. */
export function faultOfError(error: unknown): FaultError {
  const words = wordsOf(error);
  const named = CLASS_BY_TYPE.get(words.codes[0] ?? "") ?? "server_error";
  return new FaultError(
    faultInWords(classOf(named, words), words, "error object in the answer", {}, UNKNOWN_MODEL),
  );
}

/** Of requests that were refused, the sentence alone tells why; of all else the status does. */
function classOf(known: FaultClass, words: ErrorWords): FaultClass {
  if (known !== "bad_request") return known;
  const named = CLASS_BY_TYPE.get(words.codes[0] ?? "");
  if (named !== undefined && named !== known) return named;
  const { message = "" } = words;
  if (NO_CREDIT.test(message)) return "auth";
  if (FILTERED.test(message)) return "content_filter";
  return isTooLong(words) || CONTEXT_LIMIT.test(message) ? "context_length" : known;
}

function wordsOf(error: unknown): ErrorWords {
  if (typeof error === "string") return { message: error, codes: [] };
  if (!isObject(error)) return { codes: [] };
  const { type, message } = error;
  const field = typeof message === "string" ? FIELD.exec(message)?.[1] : undefined;
  return {
    ...(typeof message === "string" && message !== "" && { message }),
    ...(field !== undefined && { field: placeOf(field).slice(0, FIELD_CHARS_MAX) }),
    codes: typeof type === "string" ? [type.slice(0, 60).toLowerCase()] : [],
  };
}

/** `messages.0.content` as the gateway writes it: `messages[0].content`. */
function placeOf(path: string): string {
  return path.replaceAll(/\.(\d+)(?=\.|$)/g, "[$1]");
}
