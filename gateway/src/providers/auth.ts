import type { CredentialPart, CredentialParts, Credentials } from "../core/catalogue.ts";
import { serviceAccountIn } from "./service-account.ts";

/** How a vendor wants to be shown a credential. Data: a new vendor needs a row, not code. */
export type AuthScheme =
  | { readonly kind: "none" }
  /** `authorization: Bearer <key>`. */
  | { readonly kind: "bearer"; readonly optional?: boolean }
  /** The bare key in a header of the vendor's own; `name` in lower case. */
  | { readonly kind: "header"; readonly name: string; readonly optional?: boolean };

/** How a vendor wants to be shown a credential of several parts. */
export type PartsScheme =
  /** A token that Google gives for a signed statement of the account. */
  | { readonly kind: "google_service_account"; readonly scope: string }
  /** Each call signed with the keys of an account at Amazon. */
  | { readonly kind: "aws_sigv4"; readonly service: string }
  /** A token that Microsoft Entra gives an application for its secret. */
  | { readonly kind: "entra"; readonly scope: string };

/** The parts of each: those it cannot do without, and others. */
export const PARTS_OF: Readonly<
  Record<
    PartsScheme["kind"],
    { readonly required: readonly CredentialPart[]; readonly optional: readonly CredentialPart[] }
  >
> = {
  google_service_account: { required: ["service_account"], optional: [] },
  aws_sigv4: { required: ["access_key_id", "secret_access_key"], optional: ["session_token", "region"] },
  entra: { required: ["tenant_id", "client_id", "client_secret"], optional: ["authority"] },
};

/** The parts that nobody may see; the others say whose they are. */
const SECRET_PARTS: readonly CredentialPart[] = ["secret_access_key", "session_token", "client_secret"];

/** Every text of these that nobody may be told. */
export function secretsIn(parts: CredentialParts): readonly string[] {
  const { service_account: account } = parts;
  const whole = SECRET_PARTS.map((part) => parts[part]);
  // The key file is quoted whole by nobody, its key might be.
  const key = account === undefined ? undefined : serviceAccountIn(account)?.private_key;
  return [...whole, key].flatMap((secret) => secret || []);
}

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
