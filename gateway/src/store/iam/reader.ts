import type { CustomRole, Group, RoleMapping } from "../../core/iam.ts";
import type { Scope } from "../../core/scope.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { fromJson, present } from "../rows.ts";
import { withinTenants } from "../scope.ts";
import type { Reader } from "../store.ts";
import { contains } from "../text-search.ts";
import type { CustomRolesTable, GroupsTable, RoleMappingsTable } from "./tables.ts";

const ANYWHERE: Scope = { level: "platform" };

/** One page of what belongs to tenants, newest first. */
export interface OwnedPage {
  readonly limit: number;
  readonly beforeId?: string;
  readonly tenantId?: string;
}

function toCustomRole(row: CustomRolesTable): CustomRole {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    slug: row.slug,
    name: row.name,
    ...present({ description: row.description }),
    permissions: fromJson<CustomRole["permissions"]>(row.permissions),
    createdAt: Number(row.created_at),
  };
}

function toGroup(row: GroupsTable, memberIds: readonly string[]): Group {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    ...present({ description: row.description }),
    memberIds,
    createdAt: Number(row.created_at),
  };
}

function toMapping(row: RoleMappingsTable): RoleMapping {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    groupId: row.group_id,
    ...present({ role: row.role, customRoleId: row.custom_role_id }),
    autoRevoke: row.auto_revoke === 1n,
    createdAt: Number(row.created_at),
  };
}

export async function loadCustomRoles(read: Reader): Promise<CustomRole[]> {
  const query = read.selectFrom("custom_roles").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toCustomRole);
}

/** One custom role, if it is within the scope. */
export async function findCustomRole(
  read: Reader,
  id: string,
  scope: Scope = ANYWHERE,
): Promise<CustomRole | undefined> {
  const query = read.selectFrom("custom_roles").selectAll().where("id", "=", id);
  const row = await query.where(withinTenants(scope)).executeTakeFirst();
  return row && toCustomRole(row);
}

export async function listCustomRoles(read: Reader, scope: Scope, page: OwnedPage): Promise<CustomRole[]> {
  let query = read.selectFrom("custom_roles").selectAll().where(withinTenants(scope));
  if (page.tenantId !== undefined) query = query.where("tenant_id", "=", page.tenantId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.orderBy("id", "desc").limit(page.limit).execute()).map(toCustomRole);
}

/** Members of all groups, group by group. */
async function loadMembers(read: Reader): Promise<ReadonlyMap<string, string[]>> {
  const members = new Map<string, string[]>();
  let [afterGroup, afterUser] = ["", ""];
  for (;;) {
    const rows = await read
      .selectFrom("group_members")
      .selectAll()
      .where((eb) => eb(eb.refTuple("group_id", "user_id"), ">", eb.tuple(afterGroup, afterUser)))
      .orderBy("group_id")
      .orderBy("user_id")
      .limit(PAGE_ROWS)
      .execute();
    for (const row of rows) {
      const of = members.get(row.group_id);
      if (of) of.push(row.user_id);
      else members.set(row.group_id, [row.user_id]);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return members;
    [afterGroup, afterUser] = [last.group_id, last.user_id];
  }
}

export async function loadGroups(read: Reader): Promise<Group[]> {
  const query = read.selectFrom("groups").selectAll().orderBy("id").limit(PAGE_ROWS);
  const rows = await allPages(
    (after) => query.where("id", ">", after).execute(),
    (row) => row,
  );
  const members = await loadMembers(read);
  return rows.map((row) => toGroup(row, members.get(row.id) ?? []));
}

async function membersOf(read: Reader, groupId: string): Promise<string[]> {
  const query = read.selectFrom("group_members").select("user_id").where("group_id", "=", groupId);
  return (await query.orderBy("user_id").execute()).map((row) => row.user_id);
}

/** One group with its members, if it is within the scope. */
export async function findGroup(
  read: Reader,
  id: string,
  scope: Scope = ANYWHERE,
): Promise<Group | undefined> {
  const query = read.selectFrom("groups").selectAll().where("id", "=", id);
  const row = await query.where(withinTenants(scope)).executeTakeFirst();
  return row && toGroup(row, await membersOf(read, id));
}

/** Groups without their members; `q` is part of a name, in whatever case. */
export async function listGroups(
  read: Reader,
  scope: Scope,
  page: OwnedPage & { readonly q?: string },
): Promise<Group[]> {
  let query = read.selectFrom("groups").selectAll().where(withinTenants(scope));
  if (page.tenantId !== undefined) query = query.where("tenant_id", "=", page.tenantId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  if (page.q !== undefined) query = query.where(contains(["name"], page.q));
  const rows = await query.orderBy("id", "desc").limit(page.limit).execute();
  return rows.map((row) => toGroup(row, []));
}

export async function loadRoleMappings(read: Reader): Promise<RoleMapping[]> {
  const query = read.selectFrom("role_mappings").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toMapping);
}

/** One mapping, if it is within the scope. */
export async function findRoleMapping(
  read: Reader,
  id: string,
  scope: Scope = ANYWHERE,
): Promise<RoleMapping | undefined> {
  const query = read.selectFrom("role_mappings").selectAll().where("id", "=", id);
  const row = await query.where(withinTenants(scope)).executeTakeFirst();
  return row && toMapping(row);
}

export async function listRoleMappings(
  read: Reader,
  scope: Scope,
  page: OwnedPage & { readonly groupId?: string },
): Promise<RoleMapping[]> {
  let query = read.selectFrom("role_mappings").selectAll().where(withinTenants(scope));
  if (page.tenantId !== undefined) query = query.where("tenant_id", "=", page.tenantId);
  if (page.groupId !== undefined) query = query.where("group_id", "=", page.groupId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.orderBy("id", "desc").limit(page.limit).execute()).map(toMapping);
}
