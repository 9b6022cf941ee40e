import type { CreateTableBuilder } from "kysely";
import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

type Owned = (table: string) => CreateTableBuilder<string, "id" | "tenant_id" | "created_at">;

async function modelAccess(owned: Owned): Promise<void> {
  await owned("model_groups")
    .addColumn("name", "text", required)
    .addColumn("description", "text")
    .addColumn("models", "text", required)
    .addUniqueConstraint("model_groups.tenant_id,name", ["tenant_id", "name"])
    .execute();
  await owned("model_access")
    .addColumn("subject_kind", "text", required)
    .addColumn("subject_id", "text", required)
    .addColumn("effect", "text", required)
    .addColumn("model", "text")
    .addColumn("model_group_id", "text", (c) => c.references("model_groups.id"))
    .execute();
}

/** Custom roles, groups and what they are given, and who may use which model. */
export const iam: Migration = {
  version: 10,
  name: "iam",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    const owned = (table: string) =>
      columns
        .end(schema.createTable(table))
        .addColumn("id", "text", required)
        .addColumn("tenant_id", "text", (c) => c.notNull().references("tenants.id"))
        .addColumn("created_at", columns.integer, required)
        .addPrimaryKeyConstraint(`${table}.id`, ["id"]);
    await schema.alterTable("users").addColumn("custom_role_ids", "text").execute();
    await owned("custom_roles")
      .addColumn("slug", "text", required)
      .addColumn("name", "text", required)
      .addColumn("description", "text")
      .addColumn("permissions", "text", required)
      .addUniqueConstraint("custom_roles.tenant_id,slug", ["tenant_id", "slug"])
      .execute();
    await owned("groups")
      .addColumn("name", "text", required)
      .addColumn("description", "text")
      .addUniqueConstraint("groups.tenant_id,name", ["tenant_id", "name"])
      .execute();
    await columns
      .end(schema.createTable("group_members"))
      .addColumn("group_id", "text", (c) => c.notNull().references("groups.id"))
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id"))
      .addPrimaryKeyConstraint("group_members.group_id,user_id", ["group_id", "user_id"])
      .execute();
    await schema.createIndex("group_members_by_user").on("group_members").column("user_id").execute();
    await owned("role_mappings")
      .addColumn("group_id", "text", (c) => c.notNull().references("groups.id"))
      .addColumn("role", "text")
      .addColumn("custom_role_id", "text", (c) => c.references("custom_roles.id"))
      .addColumn("auto_revoke", columns.integer, required)
      .execute();
    await modelAccess(owned);
    for (const table of ["custom_roles", "groups", "role_mappings", "model_groups", "model_access"]) {
      await schema.createIndex(`${table}_by_tenant`).on(table).columns(["tenant_id", "id"]).execute();
    }
  },
};
