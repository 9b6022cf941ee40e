import type { Scope } from "../../core/scope.ts";
import type { Partner, Tenant, User } from "../../core/tenancy.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { fromJson, present } from "../rows.ts";
import type { PartnersTable, TenantsTable, UsersTable } from "../schema.ts";
import { JOINED_COLUMNS, scoped } from "../scope.ts";
import type { Reader } from "../store.ts";

function toPartner(row: PartnersTable): Partner {
  return {
    id: row.id,
    slug: row.slug,
    displayName: row.display_name,
    status: row.status,
    timeZone: row.time_zone,
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
  };
}

export async function loadPartners(read: Reader): Promise<Partner[]> {
  const query = read.selectFrom("partners").selectAll().orderBy("id").limit(PAGE_ROWS);
  return (await allPages((after) => query.where("id", ">", after).execute())).map(toPartner);
}

export async function loadPartner(read: Reader, id: string): Promise<Partner | undefined> {
  const row = await read.selectFrom("partners").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toPartner(row);
}

export async function loadTenants(read: Reader): Promise<Tenant[]> {
  const query = read.selectFrom("tenants").selectAll().orderBy("id").limit(PAGE_ROWS);
  return (await allPages((after) => query.where("id", ">", after).execute())).map(toTenant);
}

export async function loadTenant(read: Reader, id: string): Promise<Tenant | undefined> {
  const row = await read.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toTenant(row);
}

export async function loadUsers(read: Reader): Promise<User[]> {
  const query = read.selectFrom("users").selectAll().orderBy("id").limit(PAGE_ROWS);
  return (await allPages((after) => query.where("id", ">", after).execute())).map(toUser);
}

export async function loadUser(read: Reader, id: string): Promise<User | undefined> {
  const row = await read.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toUser(row);
}

/** Users within a scope, newest first; `beforeId` is the last id of the page before. */
export async function listUsers(
  read: Reader,
  scope: Scope,
  page: { readonly limit: number; readonly beforeId?: string },
): Promise<User[]> {
  let query = read
    .selectFrom("users")
    .innerJoin("tenants", "tenants.id", "users.tenant_id")
    .selectAll("users")
    .where(scoped(scope, JOINED_COLUMNS))
    .orderBy("users.id", "desc")
    .limit(page.limit);
  if (page.beforeId !== undefined) query = query.where("users.id", "<", page.beforeId);
  return (await query.execute()).map(toUser);
}
