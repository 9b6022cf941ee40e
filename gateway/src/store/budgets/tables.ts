import type { Generated } from "kysely";
import type { BudgetPeriod, BudgetScope, BudgetSetter, HardAction } from "../../core/budget.ts";

export interface BudgetsTable {
  id: string;
  scope: BudgetScope;
  scope_id: string;
  partner_id: string;
  tenant_id: string | null;
  user_id: string | null;
  period: BudgetPeriod;
  /** Decimal currency units: up to a billion of them, which no 64-bit column holds in pico. */
  cost_limit: string | null;
  token_limit: bigint | null;
  request_limit: bigint | null;
  /** Ten-thousandths of a limit. */
  soft_limit: bigint;
  hard_action: HardAction;
  set_by: BudgetSetter;
  created_at: bigint;
  /** Null until what was used before it was made is counted. */
  armed_at: bigint | null;
  /** Since when it blocks, until everything that was in flight by then holds what it names. */
  rearming_at: bigint | null;
  /** Its name in the configuration file; null where that does not declare it. */
  declared_as: string | null;
}

/** What was spent in one window of a budget: moved by the transaction of each settlement. */
export interface BudgetWindowsTable {
  budget_id: string;
  starts_at: bigint;
  /** Null where it has no end. */
  ends_at: bigint | null;
  /** A running total in two columns: whole currency units, and the pico beyond them. */
  spent_units: bigint;
  spent_pico: bigint;
  spent_tokens: bigint;
  spent_requests: bigint;
  /** What nodes that share the store have set aside; where one node has it to itself that lies in its memory. */
  held_pico: Generated<bigint>;
  held_tokens: Generated<bigint>;
  held_requests: Generated<bigint>;
  /** What nodes that were closed in their absence had set aside. */
  retired_pico: Generated<bigint>;
  retired_tokens: Generated<bigint>;
  retired_requests: Generated<bigint>;
  /** When somebody was told that it is nearly, or wholly, used up. */
  soft_told_at: bigint | null;
  hard_told_at: bigint | null;
  /** When somebody was told that the next one has begun. */
  reset_told_at: bigint | null;
}

/** What a node has set aside in one budget for one request. */
export interface BudgetHoldsTable {
  request_id: string;
  budget_id: string;
  node_id: string;
  starts_at: bigint;
  pico: bigint;
  tokens: bigint;
  requests: bigint;
  /** 1 where the window counts it under `retired`, 0 where it does under `held`. */
  is_retired: Generated<bigint>;
}

/** Which nodes name a budget in each request since they know of it. */
export interface BudgetAcksTable {
  budget_id: string;
  node_id: string;
}
