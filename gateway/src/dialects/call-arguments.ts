import { isObject, type JsonObject } from "../base/json.ts";

/** The arguments of a call, for formats in which they are an object. */
export function argumentsOf(text: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(text === "" ? "{}" : text);
    if (isObject(parsed)) return parsed;
  } catch {
    // What a model wrote need not parse; it is handed on as it is.
  }
  return { arguments: text };
}
