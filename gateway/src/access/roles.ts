import { PERMISSIONS, ROLES, type Permission, type Role } from "../core/permissions.ts";

const TENANT_VIEWER: readonly Permission[] = ["models:list", "accounting:view_own"];
const TENANT_USER: readonly Permission[] = [...TENANT_VIEWER, "models:use", "api_keys:manage", "modules:use"];
const TENANT_ADMIN: readonly Permission[] = [
  ...TENANT_USER,
  "models:manage",
  "routing:view",
  "accounting:view_tenant",
  "accounting:manage_budgets",
  "users:manage",
  "webhooks:manage",
  "modules:manage",
  "admin:access",
];
const PARTNER_VIEWER: readonly Permission[] = [
  ...TENANT_VIEWER,
  "accounting:view_tenant",
  "accounting:view_partner",
];
const PARTNER_ADMIN: readonly Permission[] = [
  ...TENANT_ADMIN,
  ...PARTNER_VIEWER,
  "accounting:manage_prices",
  "partner:manage",
];

/**
 * What each built-in role may do. `models:manage` below the platform reaches only slugs of one's own scope (see
 * `visibility.ts`), routed over backends that are granted to it; what only the platform may do asks for
 * `platform:manage` or `routing:manage`.
 */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  tenant_viewer: TENANT_VIEWER,
  tenant_user: TENANT_USER,
  tenant_admin: TENANT_ADMIN,
  partner_viewer: PARTNER_VIEWER,
  partner_admin: PARTNER_ADMIN,
  super_admin: PERMISSIONS,
};

// Six roles have 64 combinations: all sets are made once, so a hundred thousand principals share them.
const SETS: readonly ReadonlySet<Permission>[] = Array.from({ length: 1 << ROLES.length }, (_, mask) => {
  const held = ROLES.filter((_role, index) => mask & (1 << index));
  return new Set(held.flatMap((role) => ROLE_PERMISSIONS[role]));
});
const NONE: ReadonlySet<Permission> = new Set();

/** All that the roles allow together; the same set object for the same roles, in whatever order. */
export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  let mask = 0;
  for (const role of roles) {
    const index = ROLES.indexOf(role);
    // A role written by a newer version of the gateway grants nothing here.
    if (index >= 0) mask |= 1 << index;
  }
  return SETS[mask] ?? NONE;
}
