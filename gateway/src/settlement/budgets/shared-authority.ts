import type { Clock } from "../../base/clock.ts";
import type { Intent } from "../../core/accounting.ts";
import type { Budget, BudgetPart, Measure } from "../../core/budget.ts";
import {
  type HoldRefusal,
  type HoldVerdict,
  priceOf,
  refusalOf,
  type WindowStanding,
} from "../../escrow/escrow.ts";
import { isNothing, NOTHING } from "../../escrow/measure.ts";
import { windowAt } from "../../escrow/windows.ts";
import type { AskedHold, SharedHolds, StoredStanding } from "../../store/budgets/shared-holds.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import { HoldQueue } from "./hold-queue.ts";
import { type Authority, needOf, type RequestMost, wantsOf } from "./authority.ts";

export interface SharedAuthorityOptions {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly holds: Pick<SharedHolds, "hold" | "free" | "standings">;
  readonly nodeId: string;
  readonly zoneOf: (budget: Budget) => string;
  /** Whether a budget blocks as this node knows it now. */
  readonly blocks: (budget: Budget) => boolean;
  /** Sees to it that what has settled on this node counts in the store. */
  readonly flush: () => Promise<void>;
}

/**
 * The authority of nodes that share a store. It is the store itself: what nodes set aside lies there, beside what is
 * spent, and is given back in the transaction that books the settlement.
 */
export class SharedAuthority implements Authority {
  readonly #options: SharedAuthorityOptions;
  readonly #queue: HoldQueue;

  constructor(options: SharedAuthorityOptions) {
    this.#options = options;
    this.#queue = new HoldQueue(options);
  }

  async hold(requestId: string, budgets: readonly Budget[], most: RequestMost): Promise<HoldVerdict> {
    try {
      return await this.#holdFlushed(requestId, budgets, most);
    } catch (error) {
      // As they are by now: one that has begun to block meanwhile counts on what everybody holds.
      const blocks = budgets.some((budget) => this.#options.blocks(budget));
      if (blocks || !(error instanceof StoreUnavailable)) throw error;
      // Nothing can speak against it: what it comes to is booked once the store is back.
      return { parts: wantsOf(budgets, most).map(({ budget, need }) => this.#unheld(budget, need)) };
    }
  }

  async #holdFlushed(requestId: string, budgets: readonly Budget[], most: RequestMost): Promise<HoldVerdict> {
    const first = await this.#hold(requestId, budgets, most);
    if (first.refusal === undefined || first.standings.every(({ held }) => isNothing(held))) return first;
    // What is held may have settled here, and not be in the store yet.
    await this.#options.flush();
    return this.#hold(requestId, budgets, most);
  }

  release({ requestId }: Intent): Promise<void> {
    this.#queue.lose(requestId);
    return this.#queue.settleLost();
  }

  /** The settlement itself gives back what was held, on its way into the store. */
  settled(): void {}

  async join(
    budget: Budget,
    { requestId, bound, admittedAt }: Intent,
    tokens: number,
  ): Promise<BudgetPart | undefined> {
    const need = needOf(budget, { bound, tokens });
    const { isHeld, standings } = await this.#queue.ask({
      requestId,
      wants: [this.#want(budget, need)],
      admittedAt,
    });
    const [standing] = standings;
    return isHeld && standing ? partOf(budget, need, standing) : undefined;
  }

  leave(requestId: string, { budgetId }: BudgetPart): void {
    this.#queue.lose(requestId, budgetId);
  }

  async standings(budgets: readonly Budget[]): Promise<readonly WindowStanding[]> {
    await this.#options.flush();
    const found = await this.#options.holds.standings(budgets.map(({ id }) => id));
    const byId = new Map(found.map((standing) => [standing.budgetId, standing]));
    const now = this.#options.clock.now();
    return budgets.map((budget) => {
      const standing = byId.get(budget.id);
      const end = standing?.window.end;
      if (standing !== undefined && (end === undefined || now < end)) return standing;
      return {
        window: windowAt(budget.period, now, this.#options.zoneOf(budget)),
        spent: NOTHING,
        held: NOTHING,
      };
    });
  }

  /** The store has added it itself. */
  added(): void {}

  /** What it held has gone with it. */
  closed(): void {}

  /**
   * Gives back what is set aside for requests that were never sent, or that the store knows to be settled. Rejects with
   * StoreUnavailable: it comes again.
   */
  settleLost(requestIds: readonly string[] = []): Promise<void> {
    for (const id of requestIds) this.#queue.lose(id);
    return this.#queue.settleLost();
  }

  async #hold(requestId: string, budgets: readonly Budget[], most: RequestMost): Promise<HoldVerdict> {
    const wants = wantsOf(budgets, most);
    const { isHeld, standings } = await this.#queue.ask({
      requestId,
      wants: wants.map(({ budget, need }) => this.#want(budget, need)),
    });
    const byId = new Map(standings.map((standing) => [standing.budgetId, standing]));
    // One that is gone holds nothing, and speaks against nothing.
    const there = wants.flatMap(({ budget, need }) => {
      const standing = byId.get(budget.id);
      if (standing === undefined) return [];
      return [{ budget: { ...budget, limits: standing.limits ?? budget.limits }, need, standing }];
    });
    if (isHeld) return { parts: there.map(({ budget, need, standing }) => partOf(budget, need, standing)) };
    const refusal =
      refusalOf(
        there,
        there.map(({ standing }) => standing),
      ) ?? unexplained(there[0]);
    // In the order they were asked for: of one that is gone there is nothing to tell.
    return { refusal, standings: budgets.map(({ id }) => byId.get(id) ?? EMPTY) };
  }

  #unheld(budget: Budget, need: Measure): BudgetPart {
    const window = windowAt(budget.period, this.#options.clock.now(), this.#options.zoneOf(budget));
    return { budgetId: budget.id, price: priceOf(budget), window, ...need };
  }

  #want(budget: Budget, need: Measure): AskedHold["wants"][number] {
    return { budgetId: budget.id, zone: this.#options.zoneOf(budget), ...need };
  }
}

const EMPTY: WindowStanding = { window: { start: 0 }, spent: NOTHING, held: NOTHING };

function partOf(budget: Budget, need: Measure, { window }: StoredStanding): BudgetPart {
  return { budgetId: budget.id, price: priceOf(budget), window, ...need };
}

/** The store has refused what by its own figures would fit: another request of the same turn has come first. */
function unexplained(
  first: { budget: Budget; need: Measure; standing: WindowStanding } | undefined,
): HoldRefusal {
  if (first === undefined) throw new StoreUnavailable("the store refuses for a budget that it does not have");
  return { fit: "reserved", limit: "pico", ...first };
}
