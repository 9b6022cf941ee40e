import type { Schema } from "../schema.ts";
import type { EntityKind } from "../write.ts";

/** Tables whose rows are records themselves, or of no interest to anybody: changes to them are not on record. */
type Unrecorded =
  | "changes"
  | "settings"
  | "checkpoints"
  | "usage"
  | "requests"
  | "audit_log"
  | "audit_chain"
  | "events"
  | "nodes"
  | "budget_windows"
  | "quarantined_rows";

/** A table whose changes are on record. */
export type RecordedTable = Exclude<keyof Schema, Unrecorded>;

/**
 * How a column is told in the audit log and in events: under its own name as `text`, `integer`, `flag`, `time` and
 * `json`; as prices of the API; as `[redacted]`, which tells that a secret has changed and nothing of it; not at all.
 */
export type Told = "text" | "integer" | "flag" | "time" | "json" | "prices" | "secret" | "hidden";

interface RecordedColumns<Table extends RecordedTable> {
  readonly kind: EntityKind;
  /** The column that names the row. */
  readonly id: keyof Schema[Table] & string;
  readonly columns: { readonly [Column in keyof Schema[Table]]: Told };
}

/**
 * Every recorded table with every column: a new one does not compile until somebody has said here how it is told.
 */
export const RECORDED: { readonly [Table in RecordedTable]: RecordedColumns<Table> } = {
  partners: {
    kind: "partner",
    id: "id",
    columns: {
      id: "hidden",
      slug: "text",
      display_name: "text",
      status: "text",
      time_zone: "text",
      settings: "json",
      limits_set: "json",
      limits_own: "json",
    },
  },
  tenants: {
    kind: "tenant",
    id: "id",
    columns: {
      id: "hidden",
      partner_id: "text",
      slug: "text",
      display_name: "text",
      status: "text",
      time_zone: "text",
      settings: "json",
      limits_set: "json",
      limits_own: "json",
    },
  },
  users: {
    kind: "user",
    id: "id",
    columns: {
      id: "hidden",
      tenant_id: "text",
      email: "text",
      display_name: "text",
      kind: "text",
      status: "text",
      roles: "json",
      custom_role_ids: "json",
      deleted_at: "time",
      limits_set: "json",
    },
  },
  api_keys: {
    kind: "api_key",
    id: "id",
    columns: {
      id: "hidden",
      user_id: "text",
      name: "text",
      hash: "hidden",
      prefix: "hidden",
      last4: "hidden",
      status: "text",
      expires_at: "time",
      created_at: "hidden",
      last_used_at: "hidden",
      scopes: "json",
      models: "json",
      allowed_ips: "json",
      metadata: "json",
      rate_limits: "json",
      replaces: "text",
    },
  },
  providers: {
    kind: "provider",
    id: "id",
    columns: {
      id: "hidden",
      type: "text",
      name: "text",
      base_url: "text",
      nodes: "json",
      preset: "text",
      status: "text",
      credentials: "secret",
      created_at: "hidden",
    },
  },
  backends: {
    kind: "backend",
    id: "id",
    columns: {
      id: "hidden",
      provider_id: "text",
      uri: "text",
      upstream_model: "text",
      dialect: "text",
      capabilities: "json",
      timeouts: "json",
      max_concurrency: "integer",
      account_limits: "json",
      region: "text",
      free: "flag",
      status: "text",
      credentials: "secret",
      created_at: "hidden",
    },
  },
  models: {
    kind: "model",
    id: "id",
    columns: {
      id: "hidden",
      slug: "text",
      display_name: "text",
      description: "text",
      modality: "text",
      capabilities: "json",
      context_window: "integer",
      max_output_tokens: "integer",
      default_params: "json",
      system_prompt: "text",
      free: "flag",
      status: "text",
      owned_by: "text",
      created_at: "hidden",
    },
  },
  routing_policies: {
    kind: "routing_policy",
    id: "id",
    columns: {
      id: "hidden",
      model_id: "text",
      strategy: "text",
      targets: "json",
      retry: "json",
      failover_on: "json",
      midstream: "text",
      sticky: "text",
      fallback_models: "json",
      fallback_price: "text",
      created_at: "hidden",
    },
  },
  price_versions: {
    kind: "price_version",
    id: "id",
    columns: {
      id: "hidden",
      subject_kind: "text",
      subject_id: "text",
      effective_from: "time",
      rates: "prices",
      source: "text",
    },
  },
  passwords: {
    kind: "password",
    id: "user_id",
    columns: { user_id: "hidden", hash: "secret", updated_at: "hidden" },
  },
  sessions: {
    kind: "session",
    id: "id",
    columns: {
      id: "hidden",
      user_id: "text",
      token_hash: "hidden",
      created_at: "hidden",
      last_seen_at: "hidden",
      user_agent: "hidden",
    },
  },
  custom_roles: {
    kind: "custom_role",
    id: "id",
    columns: {
      id: "hidden",
      tenant_id: "text",
      created_at: "hidden",
      slug: "text",
      name: "text",
      description: "text",
      permissions: "json",
    },
  },
  groups: {
    kind: "group",
    id: "id",
    columns: {
      id: "hidden",
      tenant_id: "text",
      created_at: "hidden",
      name: "text",
      description: "text",
    },
  },
  group_members: {
    kind: "group",
    id: "group_id",
    columns: { group_id: "hidden", user_id: "text" },
  },
  role_mappings: {
    kind: "role_mapping",
    id: "id",
    columns: {
      id: "hidden",
      tenant_id: "text",
      created_at: "hidden",
      group_id: "text",
      role: "text",
      custom_role_id: "text",
      auto_revoke: "flag",
    },
  },
  model_groups: {
    kind: "model_group",
    id: "id",
    columns: {
      id: "hidden",
      tenant_id: "text",
      created_at: "hidden",
      name: "text",
      description: "text",
      models: "json",
    },
  },
  model_access: {
    kind: "model_access",
    id: "id",
    columns: {
      id: "hidden",
      tenant_id: "text",
      created_at: "hidden",
      subject_kind: "text",
      subject_id: "text",
      effect: "text",
      model: "text",
      model_group_id: "text",
    },
  },
  budgets: {
    kind: "budget",
    id: "id",
    columns: {
      id: "hidden",
      scope: "text",
      scope_id: "text",
      partner_id: "hidden",
      tenant_id: "hidden",
      user_id: "hidden",
      period: "text",
      cost_limit: "text",
      token_limit: "integer",
      request_limit: "integer",
      soft_limit: "integer",
      hard_action: "text",
      set_by: "text",
      created_at: "hidden",
      armed_at: "hidden",
    },
  },
  invitations: {
    kind: "invitation",
    id: "user_id",
    columns: { user_id: "hidden", token_hash: "secret", created_at: "hidden", expires_at: "time" },
  },
  claims: {
    kind: "claim",
    id: "token_hash",
    columns: { token_hash: "secret", created_at: "hidden", expires_at: "time" },
  },
};
