import type { Principal } from "../core/principal.ts";
import type { Scope } from "../core/scope.ts";

/**
 * The widest accounting a principal may see: the platform, their partner, their tenant, or only what they used
 * themselves. The endpoint's own permission (`accounting:view_own` or more) is checked before.
 */
export function accountingScope(principal: Principal): Scope {
  const { permissions, tenant, user } = principal;
  if (permissions.has("accounting:view_all")) return { level: "platform" };
  if (permissions.has("accounting:view_partner"))
    return { level: "partner", partnerId: principal.partner.id };
  if (permissions.has("accounting:view_tenant")) return { level: "tenant", tenantId: tenant.id };
  return { level: "user", tenantId: tenant.id, userId: user.id };
}

/**
 * What a principal administers: the platform, their partner with all its tenants, their tenant, or themselves. The
 * endpoint's own permission is checked before.
 */
export function administeredScope({ permissions, partner, tenant, user }: Principal): Scope {
  if (permissions.has("platform:manage")) return { level: "platform" };
  if (permissions.has("partner:manage")) return { level: "partner", partnerId: partner.id };
  if (permissions.has("users:manage") || permissions.has("admin:access")) {
    return { level: "tenant", tenantId: tenant.id };
  }
  return { level: "user", tenantId: tenant.id, userId: user.id };
}

/**
 * Whose audit log a principal reads: everybody's, that of their partner, or that of their tenant. The endpoint's own
 * permission (`admin:access` or `accounting:view_partner`) is checked before.
 */
export function auditScope({ permissions, partner, tenant }: Principal): Scope {
  if (permissions.has("platform:manage")) return { level: "platform" };
  if (permissions.has("accounting:view_partner")) return { level: "partner", partnerId: partner.id };
  return { level: "tenant", tenantId: tenant.id };
}

/**
 * Where a principal makes and changes budgets: everywhere, at their partner, or in their tenant. The endpoint's own
 * permission (`accounting:manage_budgets`) is checked before.
 */
export function budgetScope({ permissions, partner, tenant }: Principal): Exclude<Scope, { level: "user" }> {
  if (permissions.has("platform:manage")) return { level: "platform" };
  if (permissions.has("partner:manage")) return { level: "partner", partnerId: partner.id };
  return { level: "tenant", tenantId: tenant.id };
}
