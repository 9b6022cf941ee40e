import { beyond } from "../../access/grants.ts";
import type { Permission } from "../../core/permissions.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";

/** Refuses to hand on what the caller does not hold. Throws ApiError AUTHZ_PERMISSION_DENIED naming it. */
export function demandHeld(permissions: Iterable<Permission>, { permissions: held }: Principal): void {
  const more = beyond(held, permissions);
  if (more === undefined) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", "Nobody grants what they do not hold.", {
    hint: `You do not hold ${more}.`,
  });
}
