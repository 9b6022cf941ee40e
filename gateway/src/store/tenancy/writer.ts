import type { BrokenStreamTerms } from "../../core/broken-streams.ts";
import type { Scope } from "../../core/scope.ts";
import type { LimitsSet, Partner, RateLimits, Tenant, User } from "../../core/tenancy.ts";
import { deleteBudgetsOf } from "../budgets/writer.ts";
import { changed } from "../changes/writer.ts";
import { JOINED_COLUMNS, PARTNER_COLUMNS, scoped, TENANT_COLUMNS, userWithin } from "../scope.ts";
import { build, type Write } from "../write.ts";

/** What an installation's own processes reach: sign-in, first start. */
const ANYWHERE: Scope = { level: "platform" };
const DELETED_NAME = "Deleted user";

/** Conflicts: `taken` partners.slug. */
export function createPartner(partner: Partner, atMs: number): Write[] {
  const statement = build
    .insertInto("partners")
    .values({ id: partner.id, slug: partner.slug, ...partnerColumns(partner), ...jsonColumns(partner) });
  return [changed("partner", partner.id, atMs), { statement, about: "partner" }];
}

type Level = Pick<Partner, "displayName" | "status" | "timeZone">;

function partnerColumns({ displayName, status, timeZone }: Level) {
  return { display_name: displayName, status, time_zone: timeZone };
}

function jsonColumns({ settings, limitsSet, limitsOwn, brokenStreams }: Partner | Tenant) {
  return {
    settings: JSON.stringify(settings),
    limits_set: optionalJson(limitsSet),
    limits_own: optionalJson(limitsOwn),
    broken_streams: optionalJson(brokenStreams),
  };
}

function idList(ids: readonly string[] | undefined): string | null {
  return ids === undefined || ids.length === 0 ? null : JSON.stringify(ids);
}

function optionalJson(value: object | null | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** Limits after a change; null takes them away. */
export interface LimitsChange {
  readonly limitsSet?: LimitsSet | null;
  readonly limitsOwn?: RateLimits | null;
}

/** What of a partner or a tenant may change after it is made. */
export type LevelChange = LimitsChange &
  Partial<Pick<Partner, "slug" | "displayName" | "status" | "timeZone" | "settings">> & {
    /** Null takes away what was said. */
    readonly brokenStreams?: BrokenStreamTerms | null;
  };

function levelChange(change: LevelChange) {
  return {
    ...(change.slug !== undefined && { slug: change.slug }),
    ...(change.displayName !== undefined && { display_name: change.displayName }),
    ...(change.status !== undefined && { status: change.status }),
    ...(change.timeZone !== undefined && { time_zone: change.timeZone }),
    ...(change.settings !== undefined && { settings: JSON.stringify(change.settings) }),
    ...(change.limitsSet !== undefined && { limits_set: optionalJson(change.limitsSet) }),
    ...(change.limitsOwn !== undefined && { limits_own: optionalJson(change.limitsOwn) }),
    ...(change.brokenStreams !== undefined && { broken_streams: optionalJson(change.brokenStreams) }),
  };
}

/** Conflicts: `missing`, also outside the scope; `taken` partners.slug. */
export function updatePartner(id: string, change: LevelChange, scope: Scope, atMs: number): Write[] {
  const statement = build
    .updateTable("partners")
    // Always something to set, so that an empty change still tells whether the row exists.
    .set({ id, ...levelChange(change) })
    .where("id", "=", id)
    .where(scoped(scope, PARTNER_COLUMNS));
  return [changed("partner", id, atMs), { statement, about: "partner", expectRows: 1 }];
}

/** Conflicts: `missing`; `in_use` while it has tenants. */
export function deletePartner(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build.deleteFrom("partners").where("id", "=", id).where(scoped(scope, PARTNER_COLUMNS));
  return [
    changed("partner", id, atMs),
    ...deleteBudgetsOf("scope_id", id),
    { statement, about: "partner", expectRows: 1 },
  ];
}

/** Conflicts: `taken` tenants.slug; `missing_parent` (the partner). */
export function createTenant(tenant: Tenant, atMs: number): Write[] {
  const statement = build.insertInto("tenants").values({
    id: tenant.id,
    partner_id: tenant.partnerId,
    slug: tenant.slug,
    ...partnerColumns(tenant),
    ...jsonColumns(tenant),
  });
  return [changed("tenant", tenant.id, atMs), { statement, about: "tenant" }];
}

/** Conflicts: `missing`, also outside the scope; `taken` tenants.slug. */
export function updateTenant(id: string, change: LevelChange, scope: Scope, atMs: number): Write[] {
  const statement = build
    .updateTable("tenants")
    .set({ id, ...levelChange(change) })
    .where("id", "=", id)
    .where(scoped(scope, TENANT_COLUMNS));
  return [changed("tenant", id, atMs), { statement, about: "tenant", expectRows: 1 }];
}

/**
 * Deletes a tenant with what is left of its deleted users. Conflicts: `missing`, also outside the scope; `in_use`
 * while it has users.
 */
export function deleteTenant(id: string, scope: Scope, atMs: number): Write[] {
  const gone = build
    .selectFrom("users")
    .innerJoin("tenants", "tenants.id", "users.tenant_id")
    .select("users.id")
    .where("users.tenant_id", "=", id)
    .where("users.deleted_at", "is not", null)
    .where(scoped(scope, JOINED_COLUMNS));
  const statement = build.deleteFrom("tenants").where("id", "=", id).where(scoped(scope, TENANT_COLUMNS));
  return [
    changed("tenant", id, atMs),
    ...settingsOf(id),
    { statement: build.deleteFrom("api_keys").where("user_id", "in", gone), about: "api_key" },
    { statement: build.deleteFrom("users").where("id", "in", gone), about: "user" },
    { statement, about: "tenant", expectRows: 1 },
  ];
}

/** What a tenant has made for itself goes with it. */
function settingsOf(tenantId: string): Write[] {
  const groups = build.selectFrom("groups").select("id").where("tenant_id", "=", tenantId);
  return [
    ...deleteBudgetsOf("tenant_id", tenantId),
    { statement: build.deleteFrom("group_members").where("group_id", "in", groups), about: "group" },
    { statement: build.deleteFrom("role_mappings").where("tenant_id", "=", tenantId), about: "role_mapping" },
    { statement: build.deleteFrom("groups").where("tenant_id", "=", tenantId), about: "group" },
    { statement: build.deleteFrom("custom_roles").where("tenant_id", "=", tenantId), about: "custom_role" },
    { statement: build.deleteFrom("model_access").where("tenant_id", "=", tenantId), about: "model_access" },
    { statement: build.deleteFrom("model_groups").where("tenant_id", "=", tenantId), about: "model_group" },
  ];
}

/** Conflicts: `taken` users.tenant_id,email; `missing_parent` (the tenant). */
export function createUser(user: User, atMs: number): Write[] {
  const statement = build.insertInto("users").values({
    id: user.id,
    tenant_id: user.tenantId,
    email: user.email ?? null,
    display_name: user.displayName,
    kind: user.kind,
    status: user.status,
    roles: JSON.stringify(user.roles),
    custom_role_ids: idList(user.customRoleIds),
    deleted_at: null,
    limits_set: optionalJson(user.limitsSet),
  });
  return [changed("user", user.id, atMs), { statement, about: "user" }];
}

/** What of a user may change: never the tenant. */
export type UserChange = Partial<Pick<User, "displayName" | "status" | "roles" | "customRoleIds">> & {
  readonly email?: string | null;
  readonly limitsSet?: LimitsSet | null;
};

/** Conflicts: `missing`, also outside the scope; `taken` users.tenant_id,email. */
export function updateUser(id: string, change: UserChange, scope: Scope, atMs: number): Write[] {
  const statement = build
    .updateTable("users")
    .set({
      id,
      ...(change.email !== undefined && { email: change.email }),
      ...(change.displayName !== undefined && { display_name: change.displayName }),
      ...(change.status !== undefined && { status: change.status }),
      ...(change.roles !== undefined && { roles: JSON.stringify(change.roles) }),
      ...(change.customRoleIds !== undefined && { custom_role_ids: idList(change.customRoleIds) }),
      ...(change.limitsSet !== undefined && { limits_set: optionalJson(change.limitsSet) }),
    })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .where(userWithin(scope));
  return [changed("user", id, atMs), { statement, about: "user", expectRows: 1 }];
}

/** Makes a person an administrator again who proved it with a claim link. Conflicts: `missing`. */
export function restoreAdministrator(id: string, atMs: number): Write[] {
  return updateUser(id, { status: "active", roles: ["super_admin"] }, ANYWHERE, atMs);
}

/**
 * Deletes a user: the row stays without name, address, roles and password, so that what they used is still somebody's.
 * Keys and sessions are ended by their own writers. Conflicts: `missing`, also outside the scope.
 */
export function deleteUser(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build
    .updateTable("users")
    .set({
      email: null,
      display_name: DELETED_NAME,
      status: "suspended",
      roles: "[]",
      custom_role_ids: null,
      deleted_at: BigInt(atMs),
    })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .where(userWithin(scope));
  return [
    changed("user", id, atMs),
    { statement, about: "user", expectRows: 1 },
    { statement: build.deleteFrom("passwords").where("user_id", "=", id), about: "password" },
    { statement: build.deleteFrom("invitations").where("user_id", "=", id), about: "invitation" },
    { statement: build.deleteFrom("group_members").where("user_id", "=", id), about: "group" },
  ];
}
