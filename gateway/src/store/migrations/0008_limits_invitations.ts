import { Columns, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

/** Limits of each level, and one-time links with which people set a password. */
export const limitsAndInvitations: Migration = {
  version: 8,
  name: "limits_invitations",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    for (const table of ["partners", "tenants"]) {
      await schema.alterTable(table).addColumn("limits_set", "text").execute();
      await schema.alterTable(table).addColumn("limits_own", "text").execute();
    }
    await schema.alterTable("users").addColumn("limits_set", "text").execute();
    await schema.alterTable("api_keys").addColumn("rate_limits", "text").execute();
    await columns
      .end(schema.createTable("invitations"))
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id"))
      .addColumn("token_hash", "text", required)
      .addColumn("created_at", columns.integer, required)
      .addColumn("expires_at", columns.integer, required)
      .addPrimaryKeyConstraint("invitations.user_id", ["user_id"])
      .addUniqueConstraint("invitations.token_hash", ["token_hash"])
      .execute();
  },
};
