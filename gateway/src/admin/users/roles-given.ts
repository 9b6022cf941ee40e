import { z } from "zod";
import { beyond } from "../../access/grants.ts";
import { permissionsOf } from "../../access/roles.ts";
import { ROLES, type Role } from "../../core/permissions.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";

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
