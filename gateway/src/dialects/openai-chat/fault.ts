import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { type Fault, FaultError, type FaultClass } from "../../core/fault.ts";
import { type ErrorReading, faultOfAnswer } from "../http/answered-fault.ts";
import { classOfStatus } from "../http/status.ts";
import { type ErrorWords, faultInWords, FIELD_CHARS_MAX, isTooLong } from "../http/fault-words.ts";
import { isUnknownModel, type UnknownModelSigns } from "../http/unknown-model.ts";
import { nonEmpty } from "../text.ts";

/** Codes and types of error objects, lower-case, as OpenAI and those who copy it write them. */
const CLASS_BY_CODE: ReadonlyMap<string, FaultClass> = new Map<string, FaultClass>([
  ["context_length_exceeded", "context_length"],
  ["context_window_exceeded", "context_length"],
  ["exceed_context_size_error", "context_length"],
  ["content_filter", "content_filter"],
  ["content_policy_violation", "content_filter"],
  ["content_filtered", "content_filter"],
  ["moderation_blocked", "content_filter"],
  ["data_inspection_failed", "content_filter"],
  ["responsibleaipolicyviolation", "content_filter"],
  ["rate_limit_exceeded", "rate_limited"],
  ["rate_limit_error", "rate_limited"],
  ["rate_limit_reached_error", "rate_limited"],
  ["too_many_requests", "rate_limited"],
  ["insufficient_quota", "rate_limited"],
  ["resource_exhausted", "rate_limited"],
  ["invalid_api_key", "auth"],
  ["authentication_error", "auth"],
  ["invalid_authentication_error", "auth"],
  ["permission_error", "auth"],
  ["permission_denied", "auth"],
  ["unauthenticated", "auth"],
  ["billing_not_active", "auth"],
  ["overloaded", "unavailable"],
  ["overloaded_error", "unavailable"],
  ["engine_overloaded", "unavailable"],
  ["engine_overloaded_error", "unavailable"],
  ["service_unavailable", "unavailable"],
  ["unavailable", "unavailable"],
  ["timeout", "timeout"],
  ["timeout_error", "timeout"],
  ["request_timeout", "timeout"],
  ["deadline_exceeded", "timeout"],
  ["server_error", "server_error"],
  ["internal_error", "server_error"],
  ["internal_server_error", "server_error"],
  ["api_error", "server_error"],
  ["invalid_request_error", "bad_request"],
  ["invalid_argument", "bad_request"],
  ["bad_request", "bad_request"],
  ["badrequesterror", "bad_request"],
]);

/** OpenAI's code, and those of others with that format; Mistral, DeepSeek and OpenRouter answer 400. */
const UNKNOWN_MODEL: UnknownModelSigns = {
  codes: new Set([
    "model_not_found",
    "modelnotfound",
    "model_not_available",
    "model_not_supported",
    "model_decommissioned",
    "invalid_model",
    "unknown_model",
    "deploymentnotfound",
  ]),
  sentence:
    /^(?:invalid model(?: id| name)?(?:$|[:.,]| [`'"])|unknown model\b|model not (?:exist|found)|no models? (?:is )?loaded|\S+ is not a valid model\b|(?:the )?(?:requested )?model (?:`[^`]*`|'[^']*'|"[^"]*"|[\w./:@-]+) (?:does not exist|(?:is |was )?not found|is not available|(?:has been|was) (?:decommissioned|deprecated|removed|retired)))/i,
};

/** The words of an error object, with the status that its code may be. */
interface ObjectWords extends ErrorWords {
  readonly status?: number;
}

const READING: ErrorReading<ObjectWords> = {
  wordsOf,
  classOf,
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
export function faultOfErrorObject(error: unknown): FaultError {
  const words = wordsOf(error);
  const faultClass =
    words.status === undefined
      ? (classOfCodes(words) ?? classOfSentence(words))
      : classOf(words.status, words);
  return new FaultError(faultInWords(faultClass, words, "error object in the answer", {}, UNKNOWN_MODEL));
}

function classOfSentence(words: ObjectWords): FaultClass {
  if (isTooLong(words)) return "context_length";
  return isUnknownModel(words, UNKNOWN_MODEL) ? "bad_request" : "server_error";
}

function classOf(status: number, words: ObjectWords): FaultClass {
  const byStatus = classOfStatus(status);
  const named = classOfCodes(words);
  if (byStatus === "auth") return named === "content_filter" ? named : byStatus;
  if (byStatus !== "bad_request") return byStatus;
  if (named !== undefined && named !== "bad_request") return named;
  return isTooLong(words) ? "context_length" : byStatus;
}

function classOfCodes(words: ObjectWords): FaultClass | undefined {
  return words.codes.map((code) => CLASS_BY_CODE.get(code)).find((found) => found !== undefined);
}

function wordsOf(error: unknown): ObjectWords {
  if (typeof error === "string") return { message: error, codes: [] };
  if (!isObject(error)) return { codes: [] };
  const detail = readDetail(error["detail"]);
  const message = nonEmpty(error["message"]) ?? nonEmpty(error["msg"]) ?? detail?.message;
  const field = nonEmpty(error["param"])?.slice(0, FIELD_CHARS_MAX) ?? detail?.field;
  const status = [error["code"], error["status"], error["status_code"]].map(numberFrom).find(isHttpStatus);
  return {
    ...(message !== undefined && { message }),
    ...(field !== undefined && { field }),
    ...(status !== undefined && { status }),
    codes: codesOf(error),
  };
}

function numberFrom(value: unknown): number {
  return typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
}

function isHttpStatus(value: number): boolean {
  return Number.isInteger(value) && value >= 400 && value < 600;
}

function codesOf(error: JsonObject): string[] {
  const inner = error["innererror"] ?? error["inner_error"];
  const candidates = [
    error["code"],
    isObject(inner) ? inner["code"] : undefined,
    error["type"],
    error["status"],
  ];
  return candidates
    .map((code) => nonEmpty(code)?.slice(0, 60).toLowerCase())
    .filter((code) => code !== undefined);
}

/** `detail` of servers built on FastAPI: a sentence, or a list of places and sentences. */
function readDetail(detail: unknown): { message?: string; field?: string } | undefined {
  if (typeof detail === "string") return { message: detail };
  const first = isList(detail) ? detail[0] : undefined;
  if (!isObject(first)) return undefined;
  const message = nonEmpty(first["msg"]);
  const place = isList(first["loc"]) ? first["loc"].slice(first["loc"][0] === "body" ? 1 : 0) : [];
  const field = place
    .map((step) => (typeof step === "number" ? `[${step}]` : typeof step === "string" ? `.${step}` : ""))
    .join("")
    .replace(/^\./, "")
    .slice(0, FIELD_CHARS_MAX);
  return { ...(message !== undefined && { message }), ...(field !== "" && { field }) };
}
