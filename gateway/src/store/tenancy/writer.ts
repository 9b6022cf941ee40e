import type { Partner, Tenant, User } from "../../core/tenancy.ts";
import { changed } from "../changes/writer.ts";
import { build, type Write } from "../write.ts";

function partnerColumns(partner: Partner) {
  return {
    slug: partner.slug,
    display_name: partner.displayName,
    status: partner.status,
    time_zone: partner.timeZone,
  };
}

/** Conflicts: `taken` partners.slug. */
export function createPartner(partner: Partner, atMs: number): Write[] {
  const statement = build.insertInto("partners").values({ id: partner.id, ...partnerColumns(partner) });
  return [changed("partner", partner.id, atMs), { statement, about: "partner" }];
}

/** Conflicts: `missing`; `taken` partners.slug. */
export function updatePartner(partner: Partner, atMs: number): Write[] {
  const statement = build.updateTable("partners").set(partnerColumns(partner)).where("id", "=", partner.id);
  return [changed("partner", partner.id, atMs), { statement, about: "partner", expectRows: 1 }];
}

function tenantColumns(tenant: Tenant) {
  return {
    partner_id: tenant.partnerId,
    slug: tenant.slug,
    display_name: tenant.displayName,
    status: tenant.status,
    time_zone: tenant.timeZone,
  };
}

/** Conflicts: `taken` tenants.slug; `missing_parent` (the partner). */
export function createTenant(tenant: Tenant, atMs: number): Write[] {
  const statement = build.insertInto("tenants").values({ id: tenant.id, ...tenantColumns(tenant) });
  return [changed("tenant", tenant.id, atMs), { statement, about: "tenant" }];
}

/** Conflicts: `missing`; `taken` tenants.slug. */
export function updateTenant(tenant: Tenant, atMs: number): Write[] {
  const statement = build.updateTable("tenants").set(tenantColumns(tenant)).where("id", "=", tenant.id);
  return [changed("tenant", tenant.id, atMs), { statement, about: "tenant", expectRows: 1 }];
}

function userColumns(user: User) {
  return {
    email: user.email ?? null,
    display_name: user.displayName,
    kind: user.kind,
    status: user.status,
    roles: JSON.stringify(user.roles),
  };
}

/** Conflicts: `taken` users.tenant_id,email; `missing_parent` (the tenant). */
export function createUser(user: User, atMs: number): Write[] {
  const statement = build
    .insertInto("users")
    .values({ id: user.id, tenant_id: user.tenantId, ...userColumns(user) });
  return [changed("user", user.id, atMs), { statement, about: "user" }];
}

/** A user never changes tenant. Conflicts: `missing` (another tenant's included); `taken` users.tenant_id,email. */
export function updateUser(user: User, atMs: number): Write[] {
  const statement = build
    .updateTable("users")
    .set(userColumns(user))
    .where("id", "=", user.id)
    .where("tenant_id", "=", user.tenantId);
  return [changed("user", user.id, atMs), { statement, about: "user", expectRows: 1 }];
}
