import type { ErrorCode } from "../errors.ts";
import { isWellFormedKey } from "./key-format.ts";

/** What the Authorization header holds: a well-formed key, or why there is none. */
export type Bearer =
  | { readonly key: string; readonly refusal?: never }
  | {
      readonly refusal: Extract<ErrorCode, "AUTH_TOKEN_MISSING" | "AUTH_TOKEN_INVALID">;
      readonly key?: never;
    };

const MISSING: Bearer = { refusal: "AUTH_TOKEN_MISSING" };
const INVALID: Bearer = { refusal: "AUTH_TOKEN_INVALID" };

/**
 * Reads `Authorization: Bearer <key>`, the one place for a key (never the query string). A header sent twice
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
