import type { Intent, Settlement } from "../../src/core/accounting.ts";
import type { Budget, BudgetPart, BudgetWindow, Measure } from "../../src/core/budget.ts";
import { NOTHING, plus } from "../../src/escrow/measure.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";

/** One settled request, as a row of usage. */
export interface ModelUsage {
  readonly intent: Intent;
  readonly used: Measure;
  readonly named: readonly BudgetPart[];
}

interface ModelWindow {
  readonly budgetId: string;
  readonly window: BudgetWindow;
  spent: Measure;
}

/** What survives a crash: intents, usage, budgets and their counters. Each step is whole or not done. */
export class ModelStore {
  readonly intents = new Map<string, Intent>();
  readonly usage = new Map<string, ModelUsage>();
  readonly budgets = new Map<string, Budget>();
  readonly windows = new Map<string, ModelWindow>();
  /** In which window a budget was armed: of former ones it has not counted all. */
  readonly armedIn = new Map<string, number>();
  /** Settlements are refused while it is set. */
  isAway = false;

  intend(intent: Intent): Promise<void> {
    if (this.isAway) return Promise.reject(new StoreUnavailable("away"));
    this.intents.set(intent.requestId, intent);
    return Promise.resolve();
  }

  settle(settlement: Settlement): Promise<void> {
    if (this.isAway) return Promise.reject(new StoreUnavailable("away"));
    const { requestId } = settlement.intent;
    if (this.usage.has(requestId)) return Promise.resolve();
    const named = settlement.budgets ?? [];
    const tokens = Object.values(settlement.usage).reduce((sum, count) => sum + count, 0);
    const used = { pico: settlement.charge.tenant, tokens, requests: settlement.delivered ? 1 : 0 };
    this.usage.set(requestId, { intent: settlement.intent, used, named });
    for (const part of named) this.addSpent(part.budgetId, part.window, part);
    this.intents.delete(requestId);
    return Promise.resolve();
  }

  addSpent(budgetId: string, window: BudgetWindow, { pico, tokens, requests }: Measure): void {
    if (!this.budgets.has(budgetId)) return;
    const key = `${budgetId} ${window.start}`;
    const known = this.windows.get(key) ?? { budgetId, window, spent: NOTHING };
    known.spent = plus(known.spent, { pico, tokens, requests });
    this.windows.set(key, known);
  }

  delete(budgetId: string): void {
    this.budgets.delete(budgetId);
    for (const [key, window] of this.windows) if (window.budgetId === budgetId) this.windows.delete(key);
  }

  /** The last window of each budget. */
  lastWindows(): ModelWindow[] {
    const last = new Map<string, ModelWindow>();
    for (const each of this.windows.values()) {
      const known = last.get(each.budgetId);
      if (known === undefined || known.window.start < each.window.start) last.set(each.budgetId, each);
    }
    return [...last.values()].map((each) => ({ ...each }));
  }

  /** Of the usage under a budget what lies in a window and does not name it. */
  usedBefore(budget: Budget, window: BudgetWindow, isUnder: (intent: Intent) => boolean): Measure {
    let sum = NOTHING;
    for (const { intent, used, named } of this.usage.values()) {
      if (named.some(({ budgetId }) => budgetId === budget.id)) continue;
      if (isUnder(intent) && isWithin(intent.admittedAt, window)) sum = plus(sum, used);
    }
    return sum;
  }
}

export function isWithin(instant: number, { start, end = Number.POSITIVE_INFINITY }: BudgetWindow): boolean {
  return instant >= start && instant < end;
}
