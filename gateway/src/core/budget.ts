import type { Pico } from "../base/money.ts";

/** Whose requests a budget counts. */
export const BUDGET_SCOPES = ["partner", "tenant", "group", "user", "api_key"] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** How often it begins anew, in the calendar of its scope; weeks on Monday, `total` never. */
export const BUDGET_PERIODS = ["daily", "weekly", "monthly", "total"] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** What happens to requests for which nothing is left. */
export const HARD_ACTIONS = ["block", "notify", "throttle"] as const;
export type HardAction = (typeof HARD_ACTIONS)[number];

/** Whose budget it is: nobody below may change it. */
export const BUDGET_SETTERS = ["user", "tenant", "partner", "platform"] as const;
export type BudgetSetter = (typeof BUDGET_SETTERS)[number];

/** What budgets count, all three at once. Tokens and requests are integers ≥ 0. */
export interface Measure {
  readonly pico: Pico;
  /** Input and output. */
  readonly tokens: number;
  /** Requests that delivered content. */
  readonly requests: number;
}

/** At least one; absent = unlimited. */
export type BudgetLimits = Readonly<Partial<Measure>>;

export const MEASURES = ["pico", "tokens", "requests"] as const satisfies readonly (keyof Measure)[];
export type MeasureName = (typeof MEASURES)[number];

export interface Budget {
  readonly id: string;
  readonly scope: BudgetScope;
  readonly scopeId: string;
  readonly partnerId: string;
  /** Absent where the scope is a partner. */
  readonly tenantId?: string;
  /** Where the scope is a user or one of their keys. */
  readonly userId?: string;
  readonly period: BudgetPeriod;
  readonly limits: BudgetLimits;
  /** In ten-thousandths of a limit: from there on it is nearly used up. */
  readonly softLimit: number;
  readonly hardAction: HardAction;
  readonly setBy: BudgetSetter;
  readonly createdAt: number;
  /** Epoch milliseconds; absent while what the scope used before it was made is not counted yet. */
  readonly armedAt?: number;
  /**
   * Epoch milliseconds since which it blocks where it did not before; absent once everything in flight holds in it. What
   * it does not block goes on while the store is away, and holds nothing.
   */
  readonly rearmingAt?: number;
  /** Its name in the configuration file, which then is the one place where it changes. */
  readonly declaredAs?: string;
}

/** A stretch of a budget's calendar. Its name is the budget and its start. */
export interface BudgetWindow {
  /** Epoch milliseconds, inclusive; 0 where it has no beginning. */
  readonly start: number;
  /** Epoch milliseconds, exclusive; absent where it has no end. */
  readonly end?: number;
}

/** Which of a request's prices a budget counts. */
export type BudgetPrice = "partner" | "tenant";

/** What is set aside in one budget for one request, or what has become of it: it stays with its window. */
export interface BudgetPart extends Measure {
  readonly budgetId: string;
  readonly price: BudgetPrice;
  readonly window: BudgetWindow;
}
