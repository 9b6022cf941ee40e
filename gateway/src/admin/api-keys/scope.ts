import { permissionsOf } from "../../access/roles.ts";
import { administeredScope } from "../../access/scope.ts";
import type { Principal } from "../../core/principal.ts";
import type { Scope } from "../../core/scope.ts";
import { ApiError } from "../../errors.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";

/** Whose keys a caller may change: their own, or those of the whole level whose users they administer. */
export function manageableKeys(principal: Principal): Scope {
  const { permissions, tenant, user } = principal;
  if (permissions.has("users:manage")) return administeredScope(principal);
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
