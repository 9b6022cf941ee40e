import type { ApiError } from "../../errors.ts";

/** All that the native contract says in fields of its own, in the one sentence that other formats have room for. */
export function sentenceOf({ message, init: { details = [], hint } }: ApiError): string {
  const places = details.map((detail) => `${detail.field}: ${detail.message}`).join("; ");
  return [message, places === "" ? "" : `${places}.`, hint ?? ""].filter((part) => part !== "").join(" ");
}
