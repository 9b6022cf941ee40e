import { permissionsOf } from "../../src/access/roles.ts";
import type { Role } from "../../src/core/permissions.ts";
import type { Principal } from "../../src/core/principal.ts";
import type { ApiKey, Partner, Tenant, User } from "../../src/core/tenancy.ts";

export const PARTNER: Partner = {
  id: "partner_1",
  slug: "north",
  displayName: "North",
  status: "active",
  timeZone: "UTC",
  settings: {},
};
export const TENANT: Tenant = {
  id: "tenant_1",
  partnerId: PARTNER.id,
  slug: "acme",
  displayName: "Acme",
  status: "active",
  timeZone: "UTC",
  settings: {},
};
export const USER: User = {
  id: "user_1",
  tenantId: TENANT.id,
  displayName: "Ada",
  kind: "human",
  status: "active",
  roles: ["tenant_user"],
};
export const KEY: ApiKey = {
  id: "apikey_1",
  userId: USER.id,
  name: "laptop",
  hash: "a".repeat(64),
  prefix: "sgk_abcd",
  last4: "wxyz",
  status: "active",
  createdAt: 1,
};

/** A principal of tenant `acme` under partner `north` with these roles. */
export function principalWith(...roles: readonly Role[]): Principal {
  const user = { ...USER, roles };
  return {
    partner: PARTNER,
    tenant: TENANT,
    user,
    proof: { kind: "key", key: KEY },
    permissions: permissionsOf(roles),
    held: permissionsOf(roles),
  };
}
