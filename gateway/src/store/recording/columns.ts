import { CATALOGUE } from "./catalogue-columns.ts";
import { OF_TENANTS } from "./tenant-columns.ts";
import type { RecordedColumns, RecordedTable } from "./told.ts";

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
      broken_streams: "json",
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
      broken_streams: "json",
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
  ...CATALOGUE,
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
  ...OF_TENANTS,
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
