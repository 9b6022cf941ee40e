import type { Schema } from "../schema.ts";
import type { EntityKind } from "../write.ts";

/** Tables whose rows are records themselves, or of no interest to anybody: changes to them are not on record. */
type Unrecorded =
  | "token_ratios"
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
  | "budget_holds"
  | "budget_acks"
  | "idempotency_keys"
  | "duties"
  | "limit_shares"
  | "quarantined_rows"
  | "node_turns"
  | "forgotten_nodes"
  | "store_starts"
  | "store_start_acks"
  | "ledger_batches"
  | "ledger_movements"
  | "ledger_entries"
  | "ledger_totals"
  | "ledger_account_totals"
  | "usage_cells"
  | "drifts"
  | "traffic"
  | "unbooked_usage";

/** The kinds of thing whose changes are on record: those of the change log, and what no node keeps in memory. */
export type RecordedKind = EntityKind | "adjustment";

/** A table whose changes are on record. */
export type RecordedTable = Exclude<keyof Schema, Unrecorded>;

/**
 * How a column is told in the audit log and in events: under its own name as `text`, `integer`, `flag`, `time` and
 * `json`; as prices of the API; as `[redacted]`, which tells that a secret has changed and nothing of it; not at all.
 */
export type Told = "text" | "integer" | "flag" | "time" | "json" | "prices" | "secret" | "hidden";

/** How the rows of one table are told. */
export interface RecordedColumns<Table extends RecordedTable> {
  readonly kind: RecordedKind;
  /** The column that names the row. */
  readonly id: keyof Schema[Table] & string;
  readonly columns: { readonly [Column in keyof Schema[Table]]: Told };
}
