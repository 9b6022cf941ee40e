import type { CustomRole, Group, RoleMapping } from "../../core/iam.ts";
import type { Scope } from "../../core/scope.ts";
import { deleteBudgetsOf } from "../budgets/writer.ts";
import { changed } from "../changes/writer.ts";
import { flag } from "../rows.ts";
import { withinTenants } from "../scope.ts";
import { build, type Write } from "../write.ts";

/** Conflicts: `taken` custom_roles.tenant_id,slug; `missing_parent` (the tenant). */
export function createCustomRole(role: CustomRole, atMs: number): Write[] {
  const statement = build.insertInto("custom_roles").values({
    id: role.id,
    tenant_id: role.tenantId,
    created_at: BigInt(role.createdAt),
    slug: role.slug,
    name: role.name,
    description: role.description ?? null,
    permissions: JSON.stringify(role.permissions),
  });
  return [changed("custom_role", role.id, atMs), { statement, about: "custom_role" }];
}

/** What of a custom role may change. */
export type CustomRoleChange = Partial<Pick<CustomRole, "name" | "permissions">> & {
  readonly description?: string | null;
};

/** Conflicts: `missing`, also outside the scope. */
export function updateCustomRole(id: string, change: CustomRoleChange, scope: Scope, atMs: number): Write[] {
  const statement = build
    .updateTable("custom_roles")
    .set({
      id,
      ...(change.name !== undefined && { name: change.name }),
      ...(change.description !== undefined && { description: change.description }),
      ...(change.permissions !== undefined && { permissions: JSON.stringify(change.permissions) }),
    })
    .where("id", "=", id)
    .where(withinTenants(scope));
  return [changed("custom_role", id, atMs), { statement, about: "custom_role", expectRows: 1 }];
}

/** Conflicts: `missing`, also outside the scope; `in_use` while a mapping gives it. */
export function deleteCustomRole(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build.deleteFrom("custom_roles").where("id", "=", id).where(withinTenants(scope));
  return [changed("custom_role", id, atMs), { statement, about: "custom_role", expectRows: 1 }];
}

/** Conflicts: `taken` groups.tenant_id,name; `missing_parent` (the tenant). */
export function createGroup(group: Group, atMs: number): Write[] {
  const statement = build.insertInto("groups").values({
    id: group.id,
    tenant_id: group.tenantId,
    created_at: BigInt(group.createdAt),
    name: group.name,
    description: group.description ?? null,
  });
  return [changed("group", group.id, atMs), { statement, about: "group" }];
}

/** Conflicts: `missing`, also outside the scope; `taken` groups.tenant_id,name. */
export function updateGroup(
  id: string,
  change: { readonly name?: string; readonly description?: string | null },
  scope: Scope,
  atMs: number,
): Write[] {
  const statement = build
    .updateTable("groups")
    .set({
      id,
      ...(change.name !== undefined && { name: change.name }),
      ...(change.description !== undefined && { description: change.description }),
    })
    .where("id", "=", id)
    .where(withinTenants(scope));
  return [changed("group", id, atMs), { statement, about: "group", expectRows: 1 }];
}

/** Deletes a group with its memberships. Conflicts: `missing`, also outside the scope; `in_use` while it is mapped. */
export function deleteGroup(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build.deleteFrom("groups").where("id", "=", id).where(withinTenants(scope));
  return [
    changed("group", id, atMs),
    ...deleteBudgetsOf("scope_id", id),
    { statement: build.deleteFrom("group_members").where("group_id", "=", id), about: "group" },
    { statement, about: "group", expectRows: 1 },
  ];
}

/** Puts somebody into a group; a second time is no conflict. Conflicts: `missing_parent`. */
export function addMember(groupId: string, userId: string, atMs: number): Write[] {
  const statement = build
    .insertInto("group_members")
    .values({ group_id: groupId, user_id: userId })
    .onConflict((conflict) => conflict.columns(["group_id", "user_id"]).doNothing());
  return [changed("group", groupId, atMs), { statement, about: "group" }];
}

/** Takes somebody out of a group. Conflicts: `missing` for who is not in it. */
export function removeMember(groupId: string, userId: string, atMs: number): Write[] {
  const statement = build
    .deleteFrom("group_members")
    .where("group_id", "=", groupId)
    .where("user_id", "=", userId);
  return [changed("group", groupId, atMs), { statement, about: "group", expectRows: 1 }];
}

/** Conflicts: `missing_parent`. */
export function createRoleMapping(mapping: RoleMapping, atMs: number): Write[] {
  const statement = build.insertInto("role_mappings").values({
    id: mapping.id,
    tenant_id: mapping.tenantId,
    created_at: BigInt(mapping.createdAt),
    group_id: mapping.groupId,
    role: mapping.role ?? null,
    custom_role_id: mapping.customRoleId ?? null,
    auto_revoke: flag(mapping.autoRevoke),
  });
  return [changed("role_mapping", mapping.id, atMs), { statement, about: "role_mapping" }];
}

/** Conflicts: `missing`, also outside the scope. */
export function deleteRoleMapping(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build.deleteFrom("role_mappings").where("id", "=", id).where(withinTenants(scope));
  return [changed("role_mapping", id, atMs), { statement, about: "role_mapping", expectRows: 1 }];
}
