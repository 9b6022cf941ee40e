import { type ApiError, ERRORS } from "../../errors.ts";

const UNAUTHORIZED = 401;

/** All that the native contract says in fields of its own, in the one sentence that other formats have room for. */
export function sentenceOf({ code, status, message, init: { details = [], hint } }: ApiError): string {
  const places = details.map((detail) => `${detail.field}: ${detail.message}`).join("; ");
  // Who has no key yet has not read a page of ours either: what to do is told here or nowhere.
  const advice = hint ?? (status === UNAUTHORIZED ? ERRORS[code].fix : "");
  return [message, places === "" ? "" : `${places}.`, advice].filter((part) => part !== "").join(" ");
}
