import { administeredScope } from "../../access/scope.ts";
import type { CustomRole } from "../../core/iam.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { findCustomRole } from "../../store/iam/reader.ts";
import type { AdminDeps } from "../deps.ts";

/** A custom role within the caller's reach. Throws ApiError NOT_FOUND, for one elsewhere as for none. */
export async function administeredRole(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<CustomRole> {
  const role = await findCustomRole(deps.read, id, administeredScope(principal));
  if (!role) throw new ApiError("NOT_FOUND");
  return role;
}

/** How many users and mappings a custom role is given by. */
export function holdersOf(
  roleId: string,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): { readonly users: number; readonly mappings: number } {
  let users = 0;
  for (const user of snapshot.users()) if (user.customRoleIds?.includes(roleId) === true) users++;
  return { users, mappings: snapshot.iam.mappingsTo(roleId).length };
}

/** Whether somebody has a custom role, by themselves or through a group. */
export function hasCustomRole(
  { user }: Principal,
  roleId: string,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): boolean {
  const groups = snapshot.iam.groupsOf(user.id);
  return (
    user.customRoleIds?.includes(roleId) === true ||
    snapshot.iam.mappingsTo(roleId).some(({ groupId }) => groups.has(groupId))
  );
}
