import type { BrokenStreamTerms, UnderTerms } from "../../core/broken-streams.ts";
import type { Scope } from "../../core/scope.ts";
import {
  type LevelLimited,
  type LimitsSet,
  type Partner,
  type RateLimits,
  type Settings,
  type Status,
  type Tenant,
  tighterLimits,
  type User,
} from "../../core/tenancy.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { fromJson, present } from "../rows.ts";
import type { PartnersTable, TenantsTable, UsersTable } from "../identity-schema.ts";
import { JOINED_COLUMNS, PARTNER_COLUMNS, scoped, TENANT_COLUMNS } from "../scope.ts";
import type { Reader } from "../store.ts";
import { contains } from "../text-search.ts";

function limitsOf(setText: string | null, ownText: string | null): LevelLimited {
  if (setText === null && ownText === null) return {};
  const limitsSet = setText === null ? undefined : fromJson<LimitsSet>(setText);
  const limitsOwn = ownText === null ? undefined : fromJson<RateLimits>(ownText);
  return {
    ...(limitsSet && { limitsSet }),
    ...(limitsOwn && { limitsOwn }),
    rateLimits: tighterLimits(limitsSet?.limits, limitsOwn),
  };
}

function termsOf(text: string | null): UnderTerms {
  return text === null ? {} : { brokenStreams: fromJson<BrokenStreamTerms>(text) };
}

function toPartner(row: PartnersTable): Partner {
  return {
    id: row.id,
    slug: row.slug,
    displayName: row.display_name,
    status: row.status,
    timeZone: row.time_zone,
    settings: fromJson<Settings>(row.settings),
    ...limitsOf(row.limits_set, row.limits_own),
    ...termsOf(row.broken_streams),
  };
}

function toTenant(row: TenantsTable): Tenant {
  return {
    id: row.id,
    partnerId: row.partner_id,
    slug: row.slug,
    displayName: row.display_name,
    status: row.status,
    timeZone: row.time_zone,
    settings: fromJson<Settings>(row.settings),
    ...limitsOf(row.limits_set, row.limits_own),
    ...termsOf(row.broken_streams),
  };
}

function toUser(row: UsersTable): User {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    ...present({ email: row.email }),
    displayName: row.display_name,
    kind: row.kind,
    status: row.status,
    roles: fromJson<User["roles"]>(row.roles),
    ...(row.custom_role_ids !== null && {
      customRoleIds: fromJson<NonNullable<User["customRoleIds"]>>(row.custom_role_ids),
    }),
    ...limitsOf(row.limits_set, null),
  };
}

export async function loadPartners(read: Reader): Promise<Partner[]> {
  const query = read.selectFrom("partners").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toPartner);
}

export async function loadPartner(read: Reader, id: string): Promise<Partner | undefined> {
  const row = await read.selectFrom("partners").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toPartner(row);
}

export async function loadTenants(read: Reader): Promise<Tenant[]> {
  const query = read.selectFrom("tenants").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toTenant);
}

export async function loadTenant(read: Reader, id: string): Promise<Tenant | undefined> {
  const row = await read.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toTenant(row);
}

/** Everybody but the deleted: those may no longer do anything. */
export async function loadUsers(read: Reader): Promise<User[]> {
  const query = read
    .selectFrom("users")
    .selectAll()
    .where("deleted_at", "is", null)
    .orderBy("id")
    .limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toUser);
}

/** Undefined for a deleted user as for an unknown one. */
export async function loadUser(read: Reader, id: string): Promise<User | undefined> {
  return findUser(read, { level: "platform" }, id);
}

/** One partner, if it is within the scope. */
export async function findPartner(read: Reader, scope: Scope, id: string): Promise<Partner | undefined> {
  const row = await partnersWithin(read, scope).where("partners.id", "=", id).executeTakeFirst();
  return row && toPartner(row);
}

function partnersWithin(read: Reader, scope: Scope) {
  return read.selectFrom("partners").selectAll("partners").where(scoped(scope, PARTNER_COLUMNS));
}

/** One tenant, if it is within the scope. */
export async function findTenant(read: Reader, scope: Scope, id: string): Promise<Tenant | undefined> {
  const row = await tenantsWithin(read, scope).where("tenants.id", "=", id).executeTakeFirst();
  return row && toTenant(row);
}

function tenantsWithin(read: Reader, scope: Scope) {
  return read.selectFrom("tenants").selectAll("tenants").where(scoped(scope, TENANT_COLUMNS));
}

/** One user, if they are within the scope and not deleted. */
export async function findUser(read: Reader, scope: Scope, id: string): Promise<User | undefined> {
  const row = await usersWithin(read, scope).where("users.id", "=", id).executeTakeFirst();
  return row && toUser(row);
}

function usersWithin(read: Reader, scope: Scope) {
  return read
    .selectFrom("users")
    .innerJoin("tenants", "tenants.id", "users.tenant_id")
    .selectAll("users")
    .where("users.deleted_at", "is", null)
    .where(scoped(scope, JOINED_COLUMNS));
}

/** One page of a list, newest first. */
export interface ListPage {
  readonly limit: number;
  /** The last id of the page before. */
  readonly beforeId?: string;
  readonly status?: Status;
  /** Part of a name, a slug or an address, in whatever case. */
  readonly q?: string;
}

/** Partners within a scope. */
export async function listPartners(read: Reader, scope: Scope, page: ListPage): Promise<Partner[]> {
  let query = partnersWithin(read, scope).orderBy("partners.id", "desc").limit(page.limit);
  if (page.beforeId !== undefined) query = query.where("partners.id", "<", page.beforeId);
  if (page.status !== undefined) query = query.where("partners.status", "=", page.status);
  if (page.q !== undefined) query = query.where(contains(["slug", "display_name"], page.q));
  return (await query.execute()).map(toPartner);
}

/** Tenants within a scope. */
export async function listTenants(
  read: Reader,
  scope: Scope,
  page: ListPage & { readonly partnerId?: string },
): Promise<Tenant[]> {
  let query = tenantsWithin(read, scope).orderBy("tenants.id", "desc").limit(page.limit);
  if (page.beforeId !== undefined) query = query.where("tenants.id", "<", page.beforeId);
  if (page.partnerId !== undefined) query = query.where("tenants.partner_id", "=", page.partnerId);
  if (page.status !== undefined) query = query.where("tenants.status", "=", page.status);
  if (page.q !== undefined) query = query.where(contains(["slug", "display_name"], page.q));
  return (await query.execute()).map(toTenant);
}

/** Users within a scope who are not deleted. */
export async function listUsers(
  read: Reader,
  scope: Scope,
  page: ListPage & { readonly tenantId?: string; readonly kind?: User["kind"] },
): Promise<User[]> {
  let query = usersWithin(read, scope).orderBy("users.id", "desc").limit(page.limit);
  if (page.beforeId !== undefined) query = query.where("users.id", "<", page.beforeId);
  if (page.tenantId !== undefined) query = query.where("users.tenant_id", "=", page.tenantId);
  if (page.kind !== undefined) query = query.where("users.kind", "=", page.kind);
  if (page.status !== undefined) query = query.where("users.status", "=", page.status);
  if (page.q !== undefined) query = query.where(contains(["users.display_name", "email"], page.q));
  return (await query.execute()).map(toUser);
}

/** How many users of a tenant are not deleted. */
export async function countUsers(read: Reader, tenantId: string): Promise<number> {
  const row = await read
    .selectFrom("users")
    .select((eb) => eb.fn.countAll<bigint>().as("count"))
    .where("tenant_id", "=", tenantId)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** How many tenants a partner has. */
export async function countTenants(read: Reader, partnerId: string): Promise<number> {
  const row = await read
    .selectFrom("tenants")
    .select((eb) => eb.fn.countAll<bigint>().as("count"))
    .where("partner_id", "=", partnerId)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}
