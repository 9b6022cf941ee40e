import { beyond } from "../../access/grants.ts";
import { administeredScope } from "../../access/scope.ts";
import type { Principal } from "../../core/principal.ts";
import type { User } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { findUser } from "../../store/tenancy/reader.ts";
import type { AdminDeps } from "../deps.ts";

/** A user within the caller's reach. Throws ApiError NOT_FOUND, for one elsewhere as for none. */
export async function administeredUser(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<User> {
  const user = await findUser(deps.read, administeredScope(principal), id);
  if (!user) throw new ApiError("NOT_FOUND");
  return user;
}

/**
 * Refuses to change somebody who may do more than the caller: a tenant's administrator shares the tenant with the
 * installation's. Throws ApiError AUTHZ_PERMISSION_DENIED.
 */
export function demandNoGreater(
  user: User,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): void {
  const more = beyond(principal.held, snapshot.permissionsHeld(user));
  if (more === undefined) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", "This user may do more than you.", {
    hint: `Only somebody who holds ${more} as well may change them.`,
  });
}

/** Refuses what people may not do to themselves. Throws ApiError AUTHZ_PERMISSION_DENIED. */
export function demandAnother(user: User, principal: Principal, deed: string): void {
  if (user.id !== principal.user.id) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", `Nobody ${deed} themselves.`, {
    hint: "Ask another administrator.",
  });
}
