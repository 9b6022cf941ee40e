import type { Permission } from "../core/permissions.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";

/**
 * Throws ApiError unless the caller holds one of these permissions: AUTH_INSUFFICIENT_SCOPE where only the key's
 * scopes are in the way, else AUTHZ_PERMISSION_DENIED; both name what is missing.
 */
export function demandPermission(
  { permissions, held }: Pick<Principal, "permissions" | "held">,
  needed: readonly Permission[],
): void {
  if (needed.length === 0 || needed.some((permission) => permissions.has(permission))) return;
  const scoped = needed.find((permission) => held.has(permission));
  if (scoped !== undefined) {
    throw new ApiError("AUTH_INSUFFICIENT_SCOPE", undefined, {
      hint: `Use a key without scopes, or with ${scoped} among them.`,
    });
  }
  throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: `This call needs the permission ${needed.join(" or ")}.`,
  });
}
