import type { Payer } from "../core/accounting.ts";
import type { Principal } from "../core/principal.ts";

/** On whose account a principal's requests go. A browser session stands where a key would. */
export function payerOf({ partner, tenant, user, proof }: Principal): Payer {
  const keyId = proof.kind === "key" ? proof.key.id : proof.session.id;
  return { partnerId: partner.id, tenantId: tenant.id, userId: user.id, keyId };
}
