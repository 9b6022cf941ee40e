import type { ModelAccessRule, ModelGroup } from "../../core/model-access.ts";
import type { Scope } from "../../core/scope.ts";
import { changed } from "../changes/writer.ts";
import { withinTenants } from "../scope.ts";
import { build, type Write } from "../write.ts";

/** Conflicts: `taken` model_groups.tenant_id,name; `missing_parent` (the tenant). */
export function createModelGroup(group: ModelGroup, atMs: number): Write[] {
  const statement = build.insertInto("model_groups").values({
    id: group.id,
    tenant_id: group.tenantId,
    created_at: BigInt(group.createdAt),
    name: group.name,
    description: group.description ?? null,
    models: JSON.stringify(group.models),
  });
  return [changed("model_group", group.id, atMs), { statement, about: "model_group" }];
}

/** What of a model group may change. */
export type ModelGroupChange = Partial<Pick<ModelGroup, "name" | "models">> & {
  readonly description?: string | null;
};

/** Conflicts: `missing`, also outside the scope; `taken` model_groups.tenant_id,name. */
export function updateModelGroup(id: string, change: ModelGroupChange, scope: Scope, atMs: number): Write[] {
  const statement = build
    .updateTable("model_groups")
    .set({
      id,
      ...(change.name !== undefined && { name: change.name }),
      ...(change.description !== undefined && { description: change.description }),
      ...(change.models !== undefined && { models: JSON.stringify(change.models) }),
    })
    .where("id", "=", id)
    .where(withinTenants(scope));
  return [changed("model_group", id, atMs), { statement, about: "model_group", expectRows: 1 }];
}

/** Conflicts: `missing`, also outside the scope; `in_use` while a rule names it. */
export function deleteModelGroup(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build.deleteFrom("model_groups").where("id", "=", id).where(withinTenants(scope));
  return [changed("model_group", id, atMs), { statement, about: "model_group", expectRows: 1 }];
}

/** Conflicts: `missing_parent`. */
export function createModelAccess(rule: ModelAccessRule, atMs: number): Write[] {
  const statement = build.insertInto("model_access").values({
    id: rule.id,
    tenant_id: rule.tenantId,
    created_at: BigInt(rule.createdAt),
    subject_kind: rule.subjectKind,
    subject_id: rule.subjectId,
    effect: rule.effect,
    model: rule.model ?? null,
    model_group_id: rule.modelGroupId ?? null,
  });
  return [changed("model_access", rule.id, atMs), { statement, about: "model_access" }];
}

/** Conflicts: `missing`, also outside the scope. */
export function deleteModelAccess(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build.deleteFrom("model_access").where("id", "=", id).where(withinTenants(scope));
  return [changed("model_access", id, atMs), { statement, about: "model_access", expectRows: 1 }];
}
