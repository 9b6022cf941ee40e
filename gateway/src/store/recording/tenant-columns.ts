import type { RecordedColumns } from "./told.ts";

/** The tables of what tenants and partners lay out, or are given, for themselves. */
export const OF_TENANTS: {
  readonly [
    Table in
      | "custom_roles"
      | "groups"
      | "group_members"
      | "role_mappings"
      | "model_groups"
      | "model_access"
      | "budgets"
      | "backend_grants"
      | "adjustments"
  ]: RecordedColumns<Table>;
} = {
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
      rearming_at: "hidden",
      declared_as: "text",
    },
  },
  adjustments: {
    kind: "adjustment",
    id: "id",
    columns: {
      id: "hidden",
      partner_id: "text",
      tenant_id: "text",
      month: "text",
      for_month: "text",
      amount: "text",
      reason: "text",
      created_by: "hidden",
      created_at: "hidden",
    },
  },
  backend_grants: {
    kind: "backend_grant",
    id: "id",
    columns: {
      id: "hidden",
      backend_id: "text",
      partner_id: "text",
      tenant_id: "text",
      subject_id: "hidden",
      granted_by: "text",
      created_at: "hidden",
    },
  },
};
