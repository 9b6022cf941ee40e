import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { formatAmount } from "../base/money.ts";
import type { Budget } from "../core/budget.ts";
import type { EventType } from "../core/event.ts";
import type { WindowStanding } from "../escrow/escrow.ts";
import { hasReached } from "../escrow/judge.ts";
import type { BudgetBook } from "../settlement/budgets/budget-book.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { markTold } from "../store/budgets/writer.ts";
import { WriteConflict } from "../store/errors.ts";
import { addEvents } from "../store/events/writer.ts";
import type { Write } from "../store/write.ts";

export interface TellBudgetsDeps {
  readonly clock: Pick<Clock, "now">;
  readonly snapshot: Pick<Snapshot, "budgets">;
  readonly book: Pick<BudgetBook, "standings">;
  /** Resolves once what was settled before the call counts. */
  readonly committed: () => Promise<void>;
  readonly commit: (writes: readonly Write[]) => Promise<void>;
}

const LEVELS = ["soft", "hard"] as const;
type Level = (typeof LEVELS)[number];
const EVENTS: Readonly<Record<Level, EventType>> = {
  soft: "budget.soft_limit_reached",
  hard: "budget.hard_limit_reached",
};

/** Tells, once for each window, that a budget is nearly or wholly used up. */
export class BudgetTeller {
  readonly #deps: TellBudgetsDeps;
  readonly #touched = new Set<string>();
  /** What was told of the windows looked at last; the store has the same for good. */
  readonly #told = new Map<string, { readonly start: number; readonly levels: Set<Level> }>();

  /** `untold`: budgets of which a former process may not have told. */
  constructor(deps: TellBudgetsDeps, untold: Iterable<string>) {
    this.#deps = deps;
    for (const id of untold) this.#touched.add(id);
  }

  /** What a budget has spent, or its limits, may have changed. */
  touch(budgetId: string): void {
    this.#touched.add(budgetId);
  }

  /** The budget is gone. */
  forget(budgetId: string): void {
    this.#touched.delete(budgetId);
    this.#told.delete(budgetId);
  }

  /**
   * Looks at the budgets that were touched since the last time; an event is written in one commit with the mark that
   * it was. Rejects with StoreUnavailable: then the next call goes on.
   */
  async run(): Promise<void> {
    if (this.#touched.size === 0) return;
    const { snapshot, book, committed } = this.#deps;
    const ids = [...this.#touched];
    this.#touched.clear();
    try {
      await committed();
      const budgets = ids.flatMap((id) => snapshot.budgets.byId(id) ?? []);
      const standings = await book.standings(budgets);
      for (const budget of budgets) {
        const standing = standings.get(budget.id);
        if (standing !== undefined) await this.#tell(budget, standing);
      }
    } catch (error) {
      for (const id of ids) this.#touched.add(id);
      throw error;
    }
  }

  async #tell(budget: Budget, standing: WindowStanding): Promise<void> {
    const { start } = standing.window;
    const told = this.#toldOf(budget.id, start);
    for (const level of LEVELS) {
      if (told.has(level)) continue;
      if (!hasReached(budget.limits, standing.spent, level === "soft" ? budget.softLimit : 10_000)) continue;
      const at = this.#deps.clock.now();
      const event = addEvents([
        {
          id: newId("evt", at),
          type: EVENTS[level],
          partnerId: budget.partnerId,
          ...(budget.tenantId !== undefined && { tenantId: budget.tenantId }),
          payload: payloadOf(budget, standing),
          at,
        },
      ]);
      await this.#deps.commit([markTold(budget.id, start, level, at), ...event]).catch(unlessTold);
      told.add(level);
    }
  }

  #toldOf(budgetId: string, start: number): Set<Level> {
    const known = this.#told.get(budgetId);
    if (known?.start === start) return known.levels;
    const levels = new Set<Level>();
    this.#told.set(budgetId, { start, levels });
    return levels;
  }
}

/** The mark is there already, set by a former process or by another node; or nothing was ever spent. */
function unlessTold(error: unknown): void {
  if (!(error instanceof WriteConflict) || error.kind !== "missing") throw error;
}

function payloadOf(budget: Budget, { window, spent }: WindowStanding): Readonly<Record<string, unknown>> {
  const { limits } = budget;
  return {
    budget_id: budget.id,
    scope: budget.scope,
    scope_id: budget.scopeId,
    period: budget.period,
    hard_action: budget.hardAction,
    spent: { cost: formatAmount(spent.pico), tokens: spent.tokens, requests: spent.requests },
    limits: {
      ...(limits.pico !== undefined && { cost: formatAmount(limits.pico) }),
      ...(limits.tokens !== undefined && { tokens: limits.tokens }),
      ...(limits.requests !== undefined && { requests: limits.requests }),
    },
    ...(window.end !== undefined && { resets_at: new Date(window.end).toISOString() }),
  };
}
