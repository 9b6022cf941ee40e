import type { Role } from "../../core/permissions.ts";
import type { AccessSubject } from "../../core/model-access.ts";
import type { Flag } from "../schema.ts";

/** Rows of one tenant. */
export interface TenantOwned {
  id: string;
  tenant_id: string;
  created_at: bigint;
}

export interface CustomRolesTable extends TenantOwned {
  slug: string;
  name: string;
  description: string | null;
  /** JSON list. */
  permissions: string;
}

export interface GroupsTable extends TenantOwned {
  name: string;
  description: string | null;
}

export interface GroupMembersTable {
  group_id: string;
  user_id: string;
}

export interface RoleMappingsTable extends TenantOwned {
  group_id: string;
  role: Role | null;
  custom_role_id: string | null;
  auto_revoke: Flag;
}

export interface ModelGroupsTable extends TenantOwned {
  name: string;
  description: string | null;
  /** JSON list. */
  models: string;
}

export interface ModelAccessTable extends TenantOwned {
  subject_kind: AccessSubject;
  subject_id: string;
  effect: "allow" | "block";
  model: string | null;
  model_group_id: string | null;
}
