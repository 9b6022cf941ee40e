import { type Kysely, sql } from "kysely";
import { Columns, type Engine, required } from "./columns.ts";
import type { Migration } from "./migration.ts";

type Schema = Kysely<unknown>["schema"];

/** Constraints are named `table.columns` because that is all SQLite tells when one is broken. */
async function tenancy(schema: Schema, columns: Columns): Promise<void> {
  await columns
    .end(schema.createTable("partners"))
    .addColumn("id", "text", required)
    .addColumn("slug", "text", required)
    .addColumn("display_name", "text", required)
    .addColumn("status", "text", required)
    .addColumn("time_zone", "text", required)
    .addPrimaryKeyConstraint("partners.id", ["id"])
    .addUniqueConstraint("partners.slug", ["slug"])
    .execute();
  await columns
    .end(schema.createTable("tenants"))
    .addColumn("id", "text", required)
    .addColumn("partner_id", "text", (c) => c.notNull().references("partners.id"))
    .addColumn("slug", "text", required)
    .addColumn("display_name", "text", required)
    .addColumn("status", "text", required)
    .addColumn("time_zone", "text", required)
    .addPrimaryKeyConstraint("tenants.id", ["id"])
    .addUniqueConstraint("tenants.slug", ["slug"])
    .execute();
  await schema.createIndex("tenants_by_partner").on("tenants").column("partner_id").execute();
  await columns
    .end(schema.createTable("users"))
    .addColumn("id", "text", required)
    .addColumn("tenant_id", "text", (c) => c.notNull().references("tenants.id"))
    .addColumn("email", "text")
    .addColumn("display_name", "text", required)
    .addColumn("kind", "text", required)
    .addColumn("status", "text", required)
    .addColumn("roles", "text", required)
    .addPrimaryKeyConstraint("users.id", ["id"])
    .addUniqueConstraint("users.tenant_id,email", ["tenant_id", "email"])
    .execute();
}

async function keys(schema: Schema, columns: Columns): Promise<void> {
  await columns
    .end(schema.createTable("api_keys"))
    .addColumn("id", "text", required)
    .addColumn("user_id", "text", (c) => c.notNull().references("users.id"))
    .addColumn("name", "text", required)
    .addColumn("hash", "text", required)
    .addColumn("prefix", "text", required)
    .addColumn("last4", "text", required)
    .addColumn("status", "text", required)
    .addColumn("expires_at", columns.integer)
    .addColumn("created_at", columns.integer, required)
    .addPrimaryKeyConstraint("api_keys.id", ["id"])
    .addUniqueConstraint("api_keys.hash", ["hash"])
    .execute();
  await schema.createIndex("api_keys_by_user").on("api_keys").column("user_id").execute();
}

async function catalogue(schema: Schema, columns: Columns): Promise<void> {
  await columns
    .end(schema.createTable("providers"))
    .addColumn("id", "text", required)
    .addColumn("type", "text", required)
    .addColumn("name", "text", required)
    .addColumn("base_url", "text")
    .addColumn("status", "text", required)
    .addColumn("credentials", "text")
    .addColumn("created_at", columns.integer, required)
    .addPrimaryKeyConstraint("providers.id", ["id"])
    .execute();
  await columns
    .end(schema.createTable("backends"))
    .addColumn("id", "text", required)
    .addColumn("provider_id", "text", (c) => c.notNull().references("providers.id"))
    .addColumn("uri", "text", required)
    .addColumn("upstream_model", "text", required)
    .addColumn("dialect", "text", required)
    .addColumn("capabilities", "text", required)
    .addColumn("timeouts", "text", required)
    .addColumn("max_concurrency", columns.integer)
    .addColumn("region", "text")
    .addColumn("free", columns.integer, required)
    .addColumn("status", "text", required)
    .addColumn("credentials", "text")
    .addColumn("created_at", columns.integer, required)
    .addPrimaryKeyConstraint("backends.id", ["id"])
    .execute();
  await schema.createIndex("backends_by_provider").on("backends").column("provider_id").execute();
}

async function models(schema: Schema, columns: Columns): Promise<void> {
  await columns
    .end(schema.createTable("models"))
    .addColumn("id", "text", required)
    .addColumn("slug", "text", required)
    .addColumn("display_name", "text", required)
    .addColumn("description", "text")
    .addColumn("modality", "text", required)
    .addColumn("capabilities", "text", required)
    .addColumn("context_window", columns.integer, required)
    .addColumn("max_output_tokens", columns.integer)
    .addColumn("default_params", "text", required)
    .addColumn("system_prompt", "text")
    .addColumn("free", columns.integer, required)
    .addColumn("status", "text", required)
    .addColumn("owned_by", "text", required)
    .addColumn("created_at", columns.integer, required)
    .addPrimaryKeyConstraint("models.id", ["id"])
    .addUniqueConstraint("models.slug", ["slug"])
    .execute();
  await columns
    .end(schema.createTable("routing_policies"))
    .addColumn("id", "text", required)
    .addColumn("model_id", "text", (c) => c.notNull().references("models.id"))
    .addColumn("strategy", "text", required)
    .addColumn("targets", "text", required)
    .addColumn("retry", "text", required)
    .addColumn("created_at", columns.integer, required)
    .addPrimaryKeyConstraint("routing_policies.id", ["id"])
    .addUniqueConstraint("routing_policies.model_id", ["model_id"])
    .execute();
  await columns
    .end(schema.createTable("price_versions"))
    .addColumn("id", "text", required)
    .addColumn("subject_kind", "text", required)
    .addColumn("subject_id", "text", required)
    .addColumn("effective_from", columns.integer, required)
    .addColumn("rates", "text", required)
    .addPrimaryKeyConstraint("price_versions.id", ["id"])
    .execute();
  await schema
    .createIndex("price_versions_by_subject")
    .on("price_versions")
    .columns(["subject_kind", "subject_id", "effective_from"])
    .execute();
}

async function logAndJournal(schema: Schema, columns: Columns, engine: Engine): Promise<void> {
  await schema
    .createTable("changes")
    // Numbers are never used again, even after old rows are deleted: a node asks for what came after one.
    .addColumn("seq", columns.integer, (c) =>
      engine === "sqlite" ? c.primaryKey().autoIncrement() : c.generatedAlwaysAsIdentity().primaryKey(),
    )
    .addColumn("kind", "text", required)
    .addColumn("entity_id", "text", required)
    .addColumn("at", columns.integer, required)
    .execute();
  await columns
    .end(schema.createTable("settings"))
    .addColumn("key", "text", required)
    .addColumn("value", "text", required)
    .addPrimaryKeyConstraint("settings.key", ["key"])
    .execute();
  await columns
    .endAppended(schema.createTable("intents"))
    .addColumn("request_id", "text", required)
    .addColumn("node_id", "text", required)
    .addColumn("body", "text", required)
    .addPrimaryKeyConstraint("intents.request_id", ["request_id"])
    .execute();
  await columns
    .end(schema.createTable("checkpoints"))
    .addColumn("node_id", "text", required)
    .addColumn("at", columns.integer, required)
    .addColumn("body", "text", required)
    .addPrimaryKeyConstraint("checkpoints.node_id", ["node_id"])
    .execute();
}

async function usage(schema: Schema, columns: Columns): Promise<void> {
  const { integer } = columns;
  await columns
    .endAppended(schema.createTable("usage"))
    .addColumn("id", "text", required)
    .addColumn("request_id", "text", required)
    .addColumn("partner_id", "text", required)
    .addColumn("tenant_id", "text", required)
    .addColumn("user_id", "text", required)
    .addColumn("api_key_id", "text", required)
    .addColumn("model_id", "text", required)
    .addColumn("model_slug", "text", required)
    .addColumn("backend_id", "text", required)
    .addColumn("status", "text", required)
    .addColumn("stream", integer, required)
    .addColumn("tokens_in", integer, required)
    .addColumn("tokens_out", integer, required)
    .addColumn("buckets", "text", required)
    .addColumn("estimated", integer, required)
    .addColumn("delivered", integer, required)
    .addColumn("cost_pico", integer, required)
    .addColumn("partner_pico", integer, required)
    .addColumn("tenant_pico", integer, required)
    .addColumn("bound_pico", integer, required)
    .addColumn("absorbed_pico", integer, required)
    .addColumn("price_version_id", "text")
    .addColumn("cost_version_id", "text")
    .addColumn("latency_ms", integer, required)
    .addColumn("ttft_ms", integer)
    .addColumn("error_code", "text")
    .addColumn("metadata", "text")
    .addColumn("created_at", integer, required)
    .addColumn("settled_at", integer, required)
    .addPrimaryKeyConstraint("usage.id", ["id"])
    .execute();
  await schema.createIndex("usage_by_time").on("usage").column("created_at").execute();
  await schema.createIndex("usage_by_tenant").on("usage").columns(["tenant_id", "created_at"]).execute();
  // None by partner: its reports read a span of time, and a third index costs each request 1.5 µs.
}

async function requests(schema: Schema, columns: Columns): Promise<void> {
  await columns
    .endAppended(schema.createTable("requests"))
    .addColumn("request_id", "text", required)
    .addColumn("client_request_id", "text")
    .addColumn("trace_id", "text")
    .addColumn("upstream_id", "text")
    .addColumn("partner_id", "text", required)
    .addColumn("tenant_id", "text", required)
    .addColumn("user_id", "text", required)
    .addColumn("api_key_id", "text", required)
    .addColumn("path", "text", required)
    .addColumn("model_slug", "text")
    .addColumn("backend_id", "text")
    .addColumn("stream", columns.integer, required)
    .addColumn("started_at", columns.integer, required)
    .addColumn("duration_ms", columns.integer, required)
    .addColumn("http_status", columns.integer, required)
    .addColumn("outcome", "text", required)
    .addColumn("error_code", "text")
    .addColumn("error_reason", "text")
    .addColumn("detail", "text", required)
    .addColumn("user_agent", "text")
    .addPrimaryKeyConstraint("requests.request_id", ["request_id"])
    .execute();
  for (const column of ["client_request_id", "trace_id", "upstream_id"] as const) {
    await schema
      .createIndex(`requests_by_${column}`)
      .on("requests")
      .column(column)
      .where(sql.ref(column), "is not", null)
      .execute();
  }
}

/** All tables of the first release. */
export const initial: Migration = {
  version: 1,
  name: "initial",
  async up(db, engine) {
    const columns = new Columns(engine);
    await tenancy(db.schema, columns);
    await keys(db.schema, columns);
    await catalogue(db.schema, columns);
    await models(db.schema, columns);
    await logAndJournal(db.schema, columns, engine);
    await usage(db.schema, columns);
    await requests(db.schema, columns);
  },
};
