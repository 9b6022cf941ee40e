import { isList, isObject } from "../../base/json.ts";
import type { Fault, FaultClass } from "../../core/fault.ts";
import { type ErrorWords, faultInWords, wordsOfText } from "./fault-words.ts";
import { retryAfterSeconds } from "./retry-after.ts";
import type { UnknownModelSigns } from "./unknown-model.ts";

/** How a format tells of errors. */
export interface ErrorReading<Words extends ErrorWords> {
  /** The words of an error object. */
  readonly wordsOf: (error: unknown) => Words;
  readonly classOf: (status: number, words: Words | ErrorWords) => FaultClass;
  readonly unknownModel: UnknownModelSigns;
}

/** The fault of a non-2xx answer whose body holds an error object: as `error`, or all by itself. `headers` are lower-case. */
export function faultOfAnswer<Words extends ErrorWords>(
  { wordsOf, classOf, unknownModel }: ErrorReading<Words>,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  nowMs: number,
): Fault {
  const words = wordsOfBody(body, wordsOf);
  const retry = retryAfterSeconds(headers, nowMs);
  const more = { status, ...(retry !== undefined && { retryAfterSeconds: retry }) };
  return faultInWords(classOf(status, words), words, `HTTP ${status}`, more, unknownModel);
}

function wordsOfBody<Words extends ErrorWords>(
  body: string,
  wordsOf: (error: unknown) => Words,
): Words | ErrorWords {
  const start = body.trimStart();
  if (!start.startsWith("{") && !start.startsWith("[")) return wordsOfText(start);
  try {
    const parsed: unknown = JSON.parse(body);
    // Gemini's door to OpenAI's format wraps its error object in a list.
    const first = isList(parsed) ? parsed[0] : parsed;
    return wordsOf(isObject(first) && first["error"] != null ? first["error"] : first);
  } catch {
    return wordsOfText(start);
  }
}
