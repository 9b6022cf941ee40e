import { beyond } from "../../access/grants.ts";
import { administeredScope } from "../../access/scope.ts";
import type { Principal } from "../../core/principal.ts";
import type { Scope } from "../../core/scope.ts";
import type { ApiKey } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { findKey } from "../../store/keys/reader.ts";
import type { AdminDeps } from "../deps.ts";

/** Whose keys a caller may change: their own, or those of the whole level whose users they administer. */
export function manageableKeys(principal: Principal): Scope {
  const { permissions, tenant, user } = principal;
  if (permissions.has("users:manage")) return administeredScope(principal);
  return { level: "user", tenantId: tenant.id, userId: user.id };
}

/**
 * A key the caller may change. Keys of people who may do more than the caller are to them as none: a tenant's
 * administrator shares the tenant with the installation's, and must neither prolong nor revoke their keys. Throws
 * ApiError NOT_FOUND.
 */
export async function manageableKey(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "read" | "snapshot">,
): Promise<ApiKey> {
  const key = await findKey(deps.read, manageableKeys(principal), id);
  if (!key || !isNoGreater(key, principal, deps)) throw new ApiError("NOT_FOUND");
  return key;
}

/** Whether the holder of a key may do no more than the caller. */
export function isNoGreater(
  { userId }: ApiKey,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): boolean {
  const holder = snapshot.userById(userId);
  return holder === undefined || beyond(principal.held, snapshot.permissionsHeld(holder)) === undefined;
}
