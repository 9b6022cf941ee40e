import type { CredentialParts } from "../../core/catalogue.ts";
import type { Upstream } from "../upstream.ts";
import { askForToken } from "./token-endpoint.ts";
import type { Minted } from "./tokens.ts";

/** Where applications of the public cloud get their tokens; other clouds have another. */
const AUTHORITY = "https://login.microsoftonline.com";

/** A token for an application's secret (client credentials). Throws FaultError: `auth` for one that is refused. */
export function entraToken(parts: CredentialParts, scope: string, upstream: Upstream): Promise<Minted> {
  const { tenant_id = "", client_id = "", client_secret = "", authority = AUTHORITY } = parts;
  const url = `${authority.replace(/\/+$/, "")}/${encodeURIComponent(tenant_id)}/oauth2/v2.0/token`;
  return askForToken(upstream, url, { grant_type: "client_credentials", client_id, client_secret, scope });
}
