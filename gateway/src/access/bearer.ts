import type { ErrorCode } from "../errors.ts";
import { isWellFormedKey } from "./key-format.ts";

/** What a header holds: a well-formed key, or why there is none. */
export type Bearer =
  | { readonly key: string; readonly refusal?: never }
  | {
      readonly refusal: Extract<ErrorCode, "AUTH_TOKEN_MISSING" | "AUTH_TOKEN_INVALID">;
      readonly key?: never;
    };

const MISSING: Bearer = { refusal: "AUTH_TOKEN_MISSING" };
const INVALID: Bearer = { refusal: "AUTH_TOKEN_INVALID" };

/**
 * Reads `Authorization: Bearer <key>` (a key is never taken from the query string). A header sent twice
 * reaches us joined with ", " and is refused for the comma, the same key twice included: which of the two an
 * intermediary checked cannot be known.
 */
export function readBearer(authorization: string | null | undefined): Bearer {
  if (authorization === null || authorization === undefined || authorization.trim() === "") return MISSING;
  const space = authorization.indexOf(" ");
  if (space < 0 || authorization.slice(0, space).toLowerCase() !== "bearer") return INVALID;
  const key = authorization.slice(space).trim();
  return isWellFormedKey(key) ? { key } : INVALID;
}

/** Whether a request shows a key, by either header. */
export function showsKey(headers: Headers): boolean {
  return headers.has("authorization") || headers.has("x-api-key");
}

/** Reads the key of a request: `Authorization`, or where there is none `x-api-key`, as Anthropic's clients send it. */
export function readKey(headers: Headers): Bearer {
  const bare = headers.get("x-api-key");
  const bearer = readBearer(headers.get("authorization"));
  if (bearer.refusal !== "AUTH_TOKEN_MISSING" || bare === null) return bearer;
  return isWellFormedKey(bare) ? { key: bare } : INVALID;
}
