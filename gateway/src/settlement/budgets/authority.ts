import type { Amounts, Intent, Settlement } from "../../core/accounting.ts";
import type { Budget, BudgetPart, BudgetWindow, Measure } from "../../core/budget.ts";
import { type HoldVerdict, priceOf, type Want, type WindowStanding } from "../../escrow/escrow.ts";

/** What one request can come to. */
export interface RequestMost {
  readonly bound: Amounts;
  /** Input and output. */
  readonly tokens: number;
}

/** At once where it is known here, later where the store has to be asked. */
export type Soon<T> = T | Promise<T>;

/** Where it is decided what can be set aside in which budget. */
export interface Authority {
  /**
   * Sets aside the most a request can come to in all of these budgets, or in none, in the windows of its admission (epoch
   * milliseconds); nodes that share a store go by its clock. May reject with StoreUnavailable.
   */
  hold(
    requestId: string,
    budgets: readonly Budget[],
    most: RequestMost,
    admittedAt: number,
  ): Soon<HoldVerdict>;
  /**
   * Gives back what was set aside for a request that was never sent; done once it resolves. May reject with
   * StoreUnavailable: then it is given back later.
   */
  release(intent: Intent): Soon<void>;
  /** Takes note of a settlement that is kept. */
  settled(settlement: Settlement): void;
  /**
   * Sets aside in a budget that was made while the request was in flight, whatever is left of it. Undefined where the
   * request belongs to a former window.
   */
  join(budget: Budget, intent: Intent, tokens: number): Soon<BudgetPart | undefined>;
  /** Gives back what was joined. */
  leave(requestId: string, part: BudgetPart): void;
  /** How these budgets stand now, in their order. May reject with StoreUnavailable. */
  standings(budgets: readonly Budget[]): Soon<readonly WindowStanding[]>;
  /** Takes note of what the store has added to what was spent. */
  added(budgetId: string, window: BudgetWindow, used: Measure): void;
  /** The budget is gone, and holds nothing any more. */
  closed(budgetId: string): void;
}

/** What a request needs of a budget. */
export function needOf(budget: Budget, { bound, tokens }: RequestMost): Measure {
  return { pico: bound[priceOf(budget)], tokens, requests: 1 };
}

/** What it needs of several. */
export function wantsOf(budgets: readonly Budget[], most: RequestMost): readonly Want[] {
  const wants: Want[] = [];
  for (const budget of budgets) wants.push({ budget, need: needOf(budget, most) });
  return wants;
}
