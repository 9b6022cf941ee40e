import type { Clock } from "../../base/clock.ts";
import type { Intent, Settlement } from "../../core/accounting.ts";
import type { Budget, BudgetPart, BudgetWindow, Measure } from "../../core/budget.ts";
import { Escrow, type HoldVerdict, type WindowStanding } from "../../escrow/escrow.ts";
import { type Authority, needOf, type RequestMost, wantsOf } from "./authority.ts";

/** What a window had spent when this process began. */
export interface FormerWindow {
  readonly budgetId: string;
  readonly window: BudgetWindow;
  readonly spent: Measure;
}

/**
 * The authority of a node that has its store to itself. What is spent lies in the store, moved by the settlements
 * themselves; what is held lies in memory alone, since a start settles whatever was open before it admits anything.
 */
export class LocalAuthority implements Authority {
  readonly #clock: Pick<Clock, "now">;
  readonly #escrow: Escrow;

  constructor(
    clock: Pick<Clock, "now">,
    zoneOf: (budget: Budget) => string,
    former: readonly FormerWindow[] = [],
  ) {
    this.#clock = clock;
    this.#escrow = new Escrow(zoneOf);
    for (const { budgetId, window, spent } of former) this.#escrow.open(budgetId, window, spent);
  }

  hold(_requestId: string, budgets: readonly Budget[], most: RequestMost, admittedAt: number): HoldVerdict {
    return this.#escrow.hold(wantsOf(budgets, most), admittedAt);
  }

  release({ budgets }: Intent): void {
    if (budgets !== undefined) this.#escrow.settle(budgets, []);
  }

  settled({ intent, budgets }: Settlement): void {
    if (intent.budgets !== undefined) this.#escrow.settle(intent.budgets, budgets ?? []);
  }

  join(budget: Budget, { bound, admittedAt }: Intent, tokens: number): BudgetPart | undefined {
    const need = needOf(budget, { bound, tokens });
    return this.#escrow.join({ budget, need }, admittedAt, this.#clock.now());
  }

  leave(_requestId: string, part: BudgetPart): void {
    this.#escrow.settle([part], []);
  }

  standings(budgets: readonly Budget[]): readonly WindowStanding[] {
    const now = this.#clock.now();
    return budgets.map((budget) => this.#escrow.standing(budget, now));
  }

  added(budgetId: string, window: BudgetWindow, used: Measure): void {
    this.#escrow.add(budgetId, window, used);
  }

  closed(budgetId: string): void {
    this.#escrow.close(budgetId);
  }
}
