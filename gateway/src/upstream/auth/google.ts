import { FaultError } from "../../core/fault.ts";
import type { ServiceAccount } from "../../providers/service-account.ts";
import type { Upstream } from "../upstream.ts";
import { askForToken } from "./token-endpoint.ts";
import type { Minted } from "./tokens.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const LIFE_SECONDS = 3_600;

/**
 * A token for a service account: it states with its own signature who it is (RFC 7523). Throws FaultError: `auth` for
 * a key that is none, or an account that is refused.
 */
export async function googleToken(
  account: ServiceAccount,
  scope: string,
  upstream: Upstream,
  nowMs: number,
): Promise<Minted> {
  const assertion = await assertionOf(account, scope, nowMs);
  return askForToken(upstream, account.token_uri, { grant_type: GRANT, assertion });
}

async function assertionOf(account: ServiceAccount, scope: string, nowMs: number): Promise<string> {
  const nowSeconds = Math.floor(nowMs / 1_000);
  // Few have such an account, and all would hold the package in memory.
  const { importPKCS8, SignJWT } = await import("jose");
  try {
    const key = await importPKCS8(account.private_key, "RS256");
    return await new SignJWT({ scope })
      .setProtectedHeader({
        alg: "RS256",
        typ: "JWT",
        ...(account.private_key_id !== undefined && { kid: account.private_key_id }),
      })
      .setIssuer(account.client_email)
      .setSubject(account.client_email)
      .setAudience(account.token_uri)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + LIFE_SECONDS)
      .sign(key);
  } catch {
    // What went wrong might quote the key.
    throw new FaultError({
      class: "auth",
      reason: "the service account's private key cannot be used to sign",
    });
  }
}
