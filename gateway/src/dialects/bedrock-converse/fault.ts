import { isObject, type JsonObject } from "../../base/json.ts";
import { type Fault, type FaultClass, FaultError } from "../../core/fault.ts";
import { type ErrorWords, faultInWords, isTooLong, wordsOfText } from "../http/fault-words.ts";
import { retryAfterSeconds } from "../http/retry-after.ts";
import { classOfStatus } from "../http/status.ts";
import type { UnknownModelSigns } from "../http/unknown-model.ts";
import { nonEmpty } from "../text.ts";

/** Exceptions by their names in lower case, without the ending. Format: Amazon Bedrock API reference, "Converse". */
const CLASS_BY_NAME: ReadonlyMap<string, FaultClass> = new Map<string, FaultClass>([
  ["throttling", "rate_limited"],
  ["toomanyrequests", "rate_limited"],
  ["servicequotaexceeded", "rate_limited"],
  ["limitexceeded", "rate_limited"],
  ["modelnotready", "unavailable"],
  ["serviceunavailable", "unavailable"],
  ["accessdenied", "auth"],
  ["unrecognizedclient", "auth"],
  ["invalidsignature", "auth"],
  ["signaturedoesnotmatch", "auth"],
  ["incompletesignature", "auth"],
  ["missingauthenticationtoken", "auth"],
  ["invalidclienttokenid", "auth"],
  ["expiredtoken", "auth"],
  ["optinrequired", "auth"],
  ["notauthorized", "auth"],
  ["modeltimeout", "timeout"],
  ["modelerror", "server_error"],
  ["modelstreamerror", "server_error"],
  ["internalserver", "server_error"],
  ["internalfailure", "server_error"],
  ["resourcenotfound", "bad_request"],
  ["conflict", "bad_request"],
  ["validation", "bad_request"],
]);

/** A ValidationException (400) as a rule; models that are had by a profile alone are as good as unknown. */
const UNKNOWN_MODEL: UnknownModelSigns = {
  codes: new Set(),
  sentence:
    /^(?:The provided model identifier is invalid|Model not found|Could not resolve the foundation model|This model version has reached the end of its life|(?:The provided model doesn.t support|Invocation of model ID \S+ with) on-demand throughput)/i,
};

/** Classes a non-2xx answer. `headers` are lower-case. */
export function classify(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  nowMs: number,
): Fault {
  const error = objectIn(body);
  const words = error === undefined ? wordsOfText(body.trimStart()) : wordsOf(error);
  // `ThrottlingException:http://internal.amazon.com/…`
  const name = headers["x-amzn-errortype"]?.split(":")[0] ?? nameIn(error);
  const retry = retryAfterSeconds(headers, nowMs);
  const told = name === undefined ? words : { ...words, codes: [name.slice(0, 60), ...words.codes] };
  return faultInWords(
    classOf(name, words, classOfStatus(status)),
    told,
    `HTTP ${status}`,
    {
      status,
      ...(retry !== undefined && { retryAfterSeconds: retry }),
    },
    UNKNOWN_MODEL,
  );
}

/** The fault an exception tells that came in a stream; `data` is its JSON text. */
export function faultOfException(name: string, data: string): FaultError {
  const error = objectIn(data) ?? {};
  const words = wordsOf(error);
  const named = name === "error" ? (nonEmpty(error["code"]) ?? name) : name;
  const { originalStatusCode: code } = error;
  const byStatus =
    typeof code === "number" && code >= 400 && code < 600 ? classOfStatus(code) : "server_error";
  const told = { ...words, codes: [named.slice(0, 60)] };
  return new FaultError(
    faultInWords(classOf(named, words, byStatus), told, "exception in the stream", {}, UNKNOWN_MODEL),
  );
}

/** The fault of a body with status 200 that is an error; undefined when it is none. */
export function faultIn(body: JsonObject): FaultError | undefined {
  const name = nameIn(body);
  const isError =
    body["output"] === undefined && (name !== undefined || nonEmpty(body["message"]) !== undefined);
  return isError ? faultOfException(name ?? "error", JSON.stringify(body)) : undefined;
}

function classOf(name: string | undefined, words: ErrorWords, otherwise: FaultClass): FaultClass {
  const key = name
    ?.replace(/^.*#/, "")
    .replace(/Exception$/, "")
    .toLowerCase();
  const named = (key === undefined ? undefined : CLASS_BY_NAME.get(key)) ?? otherwise;
  return named === "bad_request" && isTooLong(words) ? "context_length" : named;
}

function nameIn(error: JsonObject | undefined): string | undefined {
  return error === undefined ? undefined : (nonEmpty(error["__type"]) ?? nonEmpty(error["code"]));
}

function wordsOf(error: JsonObject): ErrorWords {
  const message =
    nonEmpty(error["message"]) ?? nonEmpty(error["Message"]) ?? nonEmpty(error["originalMessage"]);
  return { ...(message !== undefined && { message }), codes: [] };
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
