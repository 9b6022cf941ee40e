import type { ActorType } from "../../core/audit.ts";

/** One row per mutating call. Never changed but for `sealed_seq`. */
export interface AuditLogTable {
  id: string;
  at: bigint;
  action: string;
  actor_id: string | null;
  actor_email: string | null;
  actor_type: ActorType;
  tenant_id: string | null;
  partner_id: string | null;
  resource_type: string;
  resource_id: string | null;
  ip_address: string | null;
  user_agent: string | null;
  status: "SUCCESS" | "FAILURE";
  error_code: string | null;
  request_id: string | null;
  /** How many refusals the row stands for; 1 but for those of strangers. */
  count: bigint;
  /** JSON object: field to from and to. */
  changes: string;
  /** The row's place in the chain; null until it is sealed. */
  sealed_seq: bigint | null;
}

/** The sealed order of the audit log: one link per row, each over the one before. */
export interface AuditChainTable {
  seq: bigint;
  audit_id: string;
  /** SHA-256 of the row, hex. */
  row_hash: string;
  /** SHA-256 of the link before, the number, the row's id and its hash, hex. */
  hash: string;
}

/** Events that changes have caused, written with them and not yet told to anybody. */
export interface EventsTable {
  id: string;
  type: string;
  tenant_id: string | null;
  partner_id: string | null;
  /** JSON object. */
  payload: string;
  at: bigint;
}
