import { ApiError } from "../../errors.ts";

/** What sign-in must know about where the gateway is reached. */
export interface Place {
  /** The address people use: the configured one, else where the process listens. */
  readonly publicUrl: () => string;
  readonly port: () => number;
  readonly insecureCookies: boolean;
}

const SECURE_COOKIE = "__Host-scaigrid_session";
const PLAIN_COOKIE = "scaigrid_session";
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/** Whether the browser treats this place as secure: TLS, or this very machine. */
function isSecure(headers: Headers, place: Place): boolean {
  return place.publicUrl().startsWith("https://") || LOCAL_HOST.test(headers.get("host") ?? "");
}

/**
 * Refuses to take a password where it would travel in the clear. Throws ApiError AUTHZ_PERMISSION_DENIED with
 * what to do.
 */
export function demandSecurePlace(headers: Headers, place: Place): void {
  if (isSecure(headers, place) || place.insecureCookies) return;
  throw new ApiError(
    "AUTHZ_PERMISSION_DENIED",
    "Signing in over plain HTTP from another machine is refused.",
    {
      hint: "Put TLS in front and set SCAIGRID_PUBLIC_URL to its https address, or set SCAIGRID_INSECURE_COOKIES=1 on a network you trust.",
    },
  );
}

/**
 * Refuses a write that a page of another origin has caused. Browsers always name the origin of a write; a caller
 * that names none is no browser. Throws ApiError AUTHZ_PERMISSION_DENIED.
 */
export function demandOwnOrigin(headers: Headers, place: Place): void {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin === null && (site === null || site === "same-origin" || site === "none")) return;
  if (origin !== null && ownOrigins(headers, place).includes(origin)) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", "The request comes from a page of another origin.", {
    hint: `Use the console at ${place.publicUrl()}/admin.`,
  });
}

function ownOrigins(headers: Headers, place: Place): string[] {
  const port = place.port();
  const own = [URL.parse(place.publicUrl())?.origin ?? ""];
  for (const host of ["localhost", "127.0.0.1", "[::1]"]) own.push(`http://${host}:${port}`);
  // Only where the operator has said that this network is trusted: the Host header proves nothing by itself.
  if (place.insecureCookies) own.push(`http://${headers.get("host") ?? ""}`);
  return own;
}

function cookieName(headers: Headers, place: Place): { readonly name: string; readonly flags: string } {
  return isSecure(headers, place)
    ? { name: SECURE_COOKIE, flags: "; Secure" }
    : { name: PLAIN_COOKIE, flags: "" };
}

/** The header that gives a browser its session. */
export function sessionCookie(token: string, headers: Headers, place: Place): string {
  const { name, flags } = cookieName(headers, place);
  return `${name}=${token}; Path=/; HttpOnly; SameSite=Lax${flags}`;
}

/** The header that takes it away. */
export function noSessionCookie(headers: Headers, place: Place): string {
  const { name, flags } = cookieName(headers, place);
  return `${name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0${flags}`;
}

/** The session token a browser has sent, if any. */
export function sessionToken(headers: Headers, place: Place): string | undefined {
  const { name } = cookieName(headers, place);
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
