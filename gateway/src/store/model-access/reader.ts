import type { ModelAccessRule, ModelGroup } from "../../core/model-access.ts";
import type { Scope } from "../../core/scope.ts";
import type { OwnedPage } from "../iam/reader.ts";
import type { ModelAccessTable, ModelGroupsTable } from "../iam/tables.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { fromJson, present } from "../rows.ts";
import { withinTenants } from "../scope.ts";
import type { Reader } from "../store.ts";

const ANYWHERE: Scope = { level: "platform" };

function toModelGroup(row: ModelGroupsTable): ModelGroup {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    ...present({ description: row.description }),
    models: fromJson<ModelGroup["models"]>(row.models),
    createdAt: Number(row.created_at),
  };
}

function toRule(row: ModelAccessTable): ModelAccessRule {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    effect: row.effect,
    ...present({ model: row.model, modelGroupId: row.model_group_id }),
    createdAt: Number(row.created_at),
  };
}

export async function loadModelGroups(read: Reader): Promise<ModelGroup[]> {
  const query = read.selectFrom("model_groups").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toModelGroup);
}

/** One model group, if it is within the scope. */
export async function findModelGroup(
  read: Reader,
  id: string,
  scope: Scope = ANYWHERE,
): Promise<ModelGroup | undefined> {
  const query = read.selectFrom("model_groups").selectAll().where("id", "=", id);
  const row = await query.where(withinTenants(scope)).executeTakeFirst();
  return row && toModelGroup(row);
}

export async function listModelGroups(read: Reader, scope: Scope, page: OwnedPage): Promise<ModelGroup[]> {
  let query = read.selectFrom("model_groups").selectAll().where(withinTenants(scope));
  if (page.tenantId !== undefined) query = query.where("tenant_id", "=", page.tenantId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.orderBy("id", "desc").limit(page.limit).execute()).map(toModelGroup);
}

export async function loadModelAccess(read: Reader): Promise<ModelAccessRule[]> {
  const query = read.selectFrom("model_access").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toRule);
}

/** One rule, if it is within the scope. */
export async function findModelAccess(
  read: Reader,
  id: string,
  scope: Scope = ANYWHERE,
): Promise<ModelAccessRule | undefined> {
  const query = read.selectFrom("model_access").selectAll().where("id", "=", id);
  const row = await query.where(withinTenants(scope)).executeTakeFirst();
  return row && toRule(row);
}

export async function listModelAccess(
  read: Reader,
  scope: Scope,
  page: OwnedPage & {
    readonly subjectKind?: ModelAccessRule["subjectKind"];
    readonly subjectId?: string;
  },
): Promise<ModelAccessRule[]> {
  let query = read.selectFrom("model_access").selectAll().where(withinTenants(scope));
  if (page.tenantId !== undefined) query = query.where("tenant_id", "=", page.tenantId);
  if (page.subjectKind !== undefined) query = query.where("subject_kind", "=", page.subjectKind);
  if (page.subjectId !== undefined) query = query.where("subject_id", "=", page.subjectId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.orderBy("id", "desc").limit(page.limit).execute()).map(toRule);
}
