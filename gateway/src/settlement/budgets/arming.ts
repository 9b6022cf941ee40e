import { Rounds } from "../../base/rounds.ts";
import type { Intent } from "../../core/accounting.ts";
import type { Budget, BudgetWindow, Measure } from "../../core/budget.ts";
import { isNothing } from "../../escrow/measure.ts";
import { windowAfter } from "../../escrow/windows.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { BudgetBook } from "./budget-book.ts";

/** A request that was admitted and whose settlement is not made yet. */
export interface OpenRequest {
  intent: Intent;
  /** The most tokens it can come to. */
  readonly tokensMax: number;
  /** Its settlement is made, and names what the intent does. */
  isSettling: boolean;
}

export interface ArmingOptions {
  readonly snapshot: Pick<Snapshot, "budgets">;
  readonly book: Pick<BudgetBook, "over" | "authority">;
  readonly journal: Pick<Journal, "intend">;
  /** Resolves once what was settled before the call is in the store. */
  readonly committed: () => Promise<void>;
  readonly openRequests: () => Iterable<OpenRequest>;
  /** Settlements that the journal has not taken yet. */
  readonly unsettled: { readonly size: number };
  /** Says that this node names a budget in all its requests; whether every node has said so. */
  readonly acknowledge: (budget: Budget) => Promise<boolean>;
  /** In whose calendar the windows of a budget roll. */
  readonly zoneOf: (budget: Budget) => string;
  /** What the scope of a budget has used of a window by requests that do not name it. */
  readonly usedBefore: (budget: Budget, window: BudgetWindow) => Promise<Measure>;
  /** Keeps that for good, once, and that the budget is armed; false where it is gone. */
  readonly keep: (budget: Budget, window: BudgetWindow, used: Measure) => Promise<boolean>;
  /** Sees to it that all that is in flight on this node holds what it names. */
  readonly holdAgain: () => Promise<void>;
  /** Keeps that every node has; false where the budget is gone, or has changed again. */
  readonly keepRearmed: (budget: Budget) => Promise<boolean>;
  /** Brings memory up to what is kept. */
  readonly catchUp: () => Promise<void>;
}

/**
 * Arms budgets: what is in flight is held in them, what was used of the window before is counted. From the moment a
 * budget is known to a node each new request names it, and each that is in flight is made to; so whatever does not
 * name it once every node has said so was used before, and is summed once. One that begins to block later is armed again:
 * what went on under it while the store was away names it and holds nothing.
 */
export class Arming {
  readonly #options: ArmingOptions;
  readonly #rounds = new Rounds(() => this.#armAll());

  constructor(options: ArmingOptions) {
    this.#options = options;
  }

  /** Arms every budget that is not yet. Rejects with StoreUnavailable: then the next call goes on. */
  run(): Promise<void> {
    return this.#rounds.run();
  }

  async #armAll(): Promise<void> {
    const { snapshot, unsettled } = this.#options;
    for (const budget of snapshot.budgets.all()) {
      if (budget.armedAt !== undefined && budget.rearmingAt === undefined) continue;
      // Their requests are in flight for all we know, and can be made to name nothing more.
      if (unsettled.size > 0) return;
      await (budget.armedAt === undefined ? this.#arm(budget) : this.#rearm(budget));
    }
  }

  async #rearm(budget: Budget): Promise<void> {
    const { committed, unsettled, holdAgain, acknowledge, keepRearmed, catchUp } = this.#options;
    // Whoever was let through before this node knew that it blocks is in flight by the end of this.
    await committed();
    await holdAgain();
    await committed();
    if (unsettled.size > 0 || !(await acknowledge(budget))) return;
    await keepRearmed(budget);
    await catchUp();
  }

  async #arm(budget: Budget): Promise<void> {
    const { book, committed, unsettled, holdAgain, acknowledge, keep, catchUp } = this.#options;
    await Promise.all(this.#inFlight(budget).map((request) => this.#join(budget, request)));
    await committed();
    // It has begun to block before it was armed: what is acknowledged below is both.
    if (budget.rearmingAt !== undefined) {
      await holdAgain();
      await committed();
    }
    // One that was settling by then, and that the journal has refused since, is in nobody's sum: another time.
    if (unsettled.size > 0) return;
    if (!(await acknowledge(budget))) return;
    const [standing] = await book.authority.standings([budget]);
    if (standing === undefined) return;
    const { window, used } = await this.#usedBefore(budget, standing.window);
    if (await keep(budget, window, used)) book.authority.added(budget.id, window, used);
    await catchUp();
  }

  /** What was used of the running window; of the next one where a clock that was set back since has been in it. */
  async #usedBefore(
    budget: Budget,
    window: BudgetWindow,
  ): Promise<{ readonly window: BudgetWindow; readonly used: Measure }> {
    const { usedBefore, zoneOf } = this.#options;
    if (window.end !== undefined) {
      const next = windowAfter(window.end, budget.period, window.end, zoneOf(budget));
      const used = await usedBefore(budget, next);
      if (!isNothing(used)) return { window: next, used };
    }
    return { window, used: await usedBefore(budget, window) };
  }

  /** What is in flight under a budget and does not name it. */
  #inFlight(budget: Budget): OpenRequest[] {
    const { book, openRequests } = this.#options;
    return [...openRequests()].filter(
      ({ intent, isSettling }) =>
        !isSettling && !names(intent, budget) && book.over(intent.payer).some(({ id }) => id === budget.id),
    );
  }

  /** Makes a request name a budget, in memory and in the journal. */
  async #join(budget: Budget, request: OpenRequest): Promise<void> {
    const { book, journal } = this.#options;
    const { authority } = book;
    const { requestId } = request.intent;
    const joining = authority.join(budget, request.intent, request.tokensMax);
    // Where it is decided here nothing can happen in between.
    const part = joining instanceof Promise ? await joining : joining;
    if (part === undefined) return;
    if (request.isSettling) {
      authority.leave(requestId, part);
      return;
    }
    const former = request.intent.budgets ?? [];
    request.intent = { ...request.intent, budgets: [...former, part] };
    try {
      await journal.intend(request.intent);
    } catch (error) {
      // The journal would not know of it after a crash.
      if (!request.isSettling) {
        request.intent = { ...request.intent, budgets: former };
        authority.leave(requestId, part);
      }
      throw error;
    }
  }
}

function names({ budgets = [] }: Intent, { id }: Budget): boolean {
  return budgets.some(({ budgetId }) => budgetId === id);
}
