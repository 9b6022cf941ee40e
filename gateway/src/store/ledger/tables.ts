import type { SettlementStatus } from "../../core/accounting.ts";
import type { DriftKind } from "../../core/drift.ts";
import type { Account, AccountOwner, MovementKind } from "../../core/ledger.ts";

/** The tables of the ledger, and what is made of it. */
export interface LedgerSchema {
  ledger_batches: LedgerBatchesTable;
  ledger_movements: LedgerMovementsTable;
  ledger_entries: LedgerEntriesView;
  ledger_totals: LedgerTotalsTable;
  ledger_account_totals: LedgerAccountTotalsView;
  adjustments: AdjustmentsTable;
  usage_cells: UsageCellsTable;
  drifts: DriftsTable;
  unbooked_usage: UnbookedUsageView;
}

/** Which rows of `usage` were booked together: those with a `seq` above `after_seq`, up to `last_seq`. */
export interface LedgerBatchesTable {
  last_seq: bigint;
  after_seq: bigint;
  booked_at: bigint;
}

/** Where several nodes share the store: numbers whose rows wait to be booked. */
export interface UnbookedTable {
  seq: bigint;
  rows: bigint;
  /** By the store's clock. */
  at: bigint;
}

/** Amounts that went from one account to another; nothing here is ever changed. */
export interface LedgerMovementsTable {
  id: string;
  kind: MovementKind;
  partner_id: string;
  tenant_id: string | null;
  backend_id: string | null;
  month: string;
  for_month: string;
  /** The amount in two columns, of one sign: whole currency units, and the pico beyond them. */
  units: bigint;
  pico: bigint;
  /** `last_seq` of the batch it was booked with. */
  batch: bigint | null;
  adjustment_id: string | null;
  at: bigint;
}

/** Both sides of each movement: a view. */
export interface LedgerEntriesView extends LedgerMovementsTable {
  side: "to" | "from";
  owner: AccountOwner;
  owner_id: string;
  account: Account;
}

/** What movements have come to, in a month or (`''`) in all; kept by the table of movements itself. */
export interface LedgerTotalsTable {
  month: string;
  partner_id: string;
  /** `''` where the movements name none; so the backend. */
  tenant_id: string;
  kind: MovementKind;
  backend_id: string;
  units: bigint;
  pico: bigint;
}

/** Both sides of each total: a view. */
export interface LedgerAccountTotalsView extends LedgerTotalsTable {
  owner: AccountOwner;
  owner_id: string;
  account: Account;
}

/** Differences that stand between what single requests come to and what was made of them. */
export interface DriftsTable {
  kind: DriftKind;
  subject: string;
  expected: string;
  found: string;
  since: bigint;
}

/** Corrections of what a tenant or a partner owes. */
export interface AdjustmentsTable {
  id: string;
  partner_id: string;
  /** Null where it is the partner's own. */
  tenant_id: string | null;
  month: string;
  for_month: string;
  /** Decimal currency units, with a sign. */
  amount: string;
  reason: string;
  created_by: string;
  created_at: bigint;
}

/** Sums of booked usage by quarter of an hour. Levels leave out what they do not tell apart (`''`). */
export interface UsageCellsTable {
  level: bigint;
  bucket: bigint;
  partner_id: string;
  tenant_id: string;
  user_id: string;
  api_key_id: string;
  model_slug: string;
  backend_id: string;
  status: SettlementStatus | "";
  late_bucket: bigint;
  requests: bigint;
  tokens_in: bigint;
  tokens_out: bigint;
  cost_units: bigint;
  cost_pico: bigint;
  partner_units: bigint;
  partner_pico: bigint;
  tenant_units: bigint;
  tenant_pico: bigint;
}

/** Rows of `usage` that no batch has yet: a view. */
export interface UnbookedUsageView {
  partner_id: string;
  tenant_id: string;
  user_id: string;
  api_key_id: string;
  model_slug: string;
  backend_id: string;
  status: SettlementStatus;
  tokens_in: bigint;
  tokens_out: bigint;
  cost_pico: bigint;
  partner_pico: bigint;
  tenant_pico: bigint;
  created_at: bigint;
}
