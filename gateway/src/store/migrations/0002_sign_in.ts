import type { Migration } from "./migration.ts";
import { Columns, required } from "./columns.ts";

/** People who sign in with a browser, when keys were last used, and request lists of one tenant. */
export const signIn: Migration = {
  version: 2,
  name: "sign_in",
  async up({ schema }, engine) {
    const columns = new Columns(engine);
    await schema.alterTable("api_keys").addColumn("last_used_at", columns.integer).execute();
    await schema
      .createIndex("requests_by_tenant")
      .on("requests")
      .columns(["tenant_id", "request_id"])
      .execute();
    await columns
      .end(schema.createTable("passwords"))
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id"))
      .addColumn("hash", "text", required)
      .addColumn("updated_at", columns.integer, required)
      .addPrimaryKeyConstraint("passwords.user_id", ["user_id"])
      .execute();
    await columns
      .end(schema.createTable("sessions"))
      .addColumn("id", "text", required)
      .addColumn("user_id", "text", (c) => c.notNull().references("users.id"))
      .addColumn("token_hash", "text", required)
      .addColumn("created_at", columns.integer, required)
      .addColumn("last_seen_at", columns.integer, required)
      .addColumn("user_agent", "text")
      .addPrimaryKeyConstraint("sessions.id", ["id"])
      .addUniqueConstraint("sessions.token_hash", ["token_hash"])
      .execute();
    await schema.createIndex("sessions_by_user").on("sessions").column("user_id").execute();
    await columns
      .end(schema.createTable("claims"))
      .addColumn("token_hash", "text", required)
      .addColumn("created_at", columns.integer, required)
      .addColumn("expires_at", columns.integer, required)
      .addPrimaryKeyConstraint("claims.token_hash", ["token_hash"])
      .execute();
  },
};
