import type { BackendGrant } from "../../core/backend-grant.ts";

export interface BackendGrantsTable {
  id: string;
  backend_id: string;
  partner_id: string;
  tenant_id: string | null;
  /** The tenant, or without one the partner: one grant for each backend. */
  subject_id: string;
  granted_by: BackendGrant["by"];
  created_at: bigint;
}
