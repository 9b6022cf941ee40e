import { z } from "zod";
import { beyond } from "../../access/grants.ts";
import { permissionsOf } from "../../access/roles.ts";
import { ROLES, type Role } from "../../core/permissions.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { demandHeld } from "../iam/demand-held.ts";
import { notThere } from "../owned.ts";

/** Roles as callers give them; each once. */
export const rolesGiven = z
  .array(z.enum(ROLES))
  .max(ROLES.length, `must have at most ${ROLES.length} entries`)
  .transform((roles): Role[] => [...new Set(roles)]);

/** Refuses to grant what the caller does not hold. Throws ApiError AUTHZ_PERMISSION_DENIED naming role and permission. */
export function demandGrantable(roles: readonly Role[], principal: Principal): void {
  for (const role of roles) {
    const more = beyond(principal.permissions, permissionsOf([role]));
    if (more === undefined) continue;
    throw new ApiError("AUTHZ_PERMISSION_DENIED", `You cannot grant ${role}.`, {
      hint: `Nobody grants what they do not hold: ${role} includes ${more}.`,
    });
  }
}

const CUSTOM_ROLES_MAX = 50;

/** Custom roles as callers give them; each once. */
export const customRolesGiven = z
  .array(z.string())
  .max(CUSTOM_ROLES_MAX, `must have at most ${CUSTOM_ROLES_MAX} entries`)
  .transform((ids) => [...new Set(ids)]);

/**
 * Refuses custom roles that are none of the user's tenant, or hold what the caller does not. Throws ApiError
 * VALIDATION_ERROR, AUTHZ_PERMISSION_DENIED.
 */
export function demandGrantableCustom(
  ids: readonly string[],
  tenantId: string,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): void {
  for (const [index, id] of ids.entries()) {
    const role = snapshot.iam.customRole(id);
    if (role?.tenantId !== tenantId) {
      throw notThere(`custom_role_ids[${index}]`, "is no custom role of the user's tenant");
    }
    demandHeld(role.permissions, principal);
  }
}
