/** What a caller may do. Endpoints check permissions, never roles. */
export const PERMISSIONS = [
  "models:list",
  "models:use",
  "models:manage",
  "api_keys:manage",
  "modules:use",
  "modules:manage",
  "routing:view",
  "routing:manage",
  "accounting:view_own",
  "accounting:view_tenant",
  "accounting:view_partner",
  "accounting:view_all",
  "accounting:manage_budgets",
  "accounting:manage_prices",
  "accounting:adjust",
  "users:manage",
  "webhooks:manage",
  "admin:access",
  "partner:manage",
  "platform:manage",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Built-in roles: bundles of permissions. */
export const ROLES = [
  "tenant_viewer",
  "tenant_user",
  "tenant_admin",
  "partner_viewer",
  "partner_admin",
  "super_admin",
] as const;
export type Role = (typeof ROLES)[number];
