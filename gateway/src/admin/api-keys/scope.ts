import { permissionsOf } from "../../access/roles.ts";
import type { Principal } from "../../core/principal.ts";
import type { Scope } from "../../core/scope.ts";
import { ApiError } from "../../errors.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";

/** Whose keys a caller may change: their own, or those of the whole level they administer. */
export function manageableKeys({ permissions, partner, tenant, user }: Principal): Scope {
  if (permissions.has("platform:manage")) return { level: "platform" };
  if (permissions.has("users:manage") && permissions.has("accounting:view_partner")) {
    return { level: "partner", partnerId: partner.id };
  }
  if (permissions.has("users:manage")) return { level: "tenant", tenantId: tenant.id };
  return { level: "user", tenantId: tenant.id, userId: user.id };
}

/**
 * Refuses the keys of people who may do more than the caller: a tenant's administrator shares the tenant with the
 * installation's, and must neither prolong nor revoke their keys. Throws ApiError NOT_FOUND, as for a key elsewhere.
 */
export function demandNoGreaterHolder(keyId: string, { permissions }: Principal, snapshot: Snapshot): void {
  const holder = snapshot.userById(snapshot.keyById(keyId)?.userId ?? "");
  const held = permissionsOf(holder?.roles ?? []);
  if (!held.isSubsetOf(permissions)) throw new ApiError("NOT_FOUND");
}
