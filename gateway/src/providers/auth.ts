import type { Credentials } from "../core/catalogue.ts";

/** How a vendor wants to be shown a credential. Data: a new vendor needs a row, not code. */
export type AuthScheme =
  | { readonly kind: "none" }
  /** `authorization: Bearer <key>`. */
  | { readonly kind: "bearer"; readonly optional?: boolean }
  /** The bare key in a header of the vendor's own; `name` in lower case. */
  | { readonly kind: "header"; readonly name: string; readonly optional?: boolean };

/** Headers to send, or why there are none (for operators; never names the credential itself). */
export type AuthHeaders =
  | { readonly headers: Readonly<Record<string, string>>; readonly problem?: never }
  | { readonly headers?: never; readonly problem: string };

const NO_HEADERS: AuthHeaders = { headers: {} };
// What RFC 9110 lets a field value hold without quoting; a line break here would forge a header.
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** The headers that show `credentials` under `scheme`. */
export function authHeaders(scheme: AuthScheme, credentials: Credentials): AuthHeaders {
  if (scheme.kind === "none") return NO_HEADERS;
  const key = credentials.apiKey;
  if (key === undefined || key === "") {
    return scheme.optional === true ? NO_HEADERS : { problem: "the backend has no API key" };
  }
  if (!HEADER_SAFE.test(key))
    return { problem: "the backend's API key holds characters no header may carry" };
  return scheme.kind === "bearer"
    ? { headers: { authorization: `Bearer ${key}` } }
    : { headers: { [scheme.name]: key } };
}
