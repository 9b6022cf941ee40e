import type { Principal } from "../../core/principal.ts";
import type { Scope } from "../../core/scope.ts";

/** Whose keys a caller may change: their own, or those of the whole level they administer. */
export function manageableKeys({ permissions, partner, tenant, user }: Principal): Scope {
  if (permissions.has("platform:manage")) return { level: "platform" };
  if (permissions.has("users:manage") && permissions.has("accounting:view_partner")) {
    return { level: "partner", partnerId: partner.id };
  }
  if (permissions.has("users:manage")) return { level: "tenant", tenantId: tenant.id };
  return { level: "user", tenantId: tenant.id, userId: user.id };
}
