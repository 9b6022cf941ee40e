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
import type {
  AnsweredHold,
  AskedHold,
  SharedHolds,
  StoredStanding,
} from "../../store/budgets/shared-holds.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import { type Authority, needOf, type RequestMost, wantsOf } from "./authority.ts";

/** Requests of one round trip; more go with the next. */
const BATCH = 500;
/** Requests that may wait for a round trip. */
const WAITING_MAX = 20_000;
/** After so long the server has given up a statement whose answer was lost. */
const LOST_MS = 6_000;
/** Holds whose statement was lost, and that are to be given back. */
const LOST_MAX = 100_000;

export interface SharedAuthorityOptions {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly holds: Pick<SharedHolds, "hold" | "release" | "standings">;
  readonly nodeId: string;
  readonly zoneOf: (budget: Budget) => string;
  /** Sees to it that what has settled on this node counts in the store. */
  readonly flush: () => Promise<void>;
}

interface Waiting {
  readonly asked: AskedHold;
  readonly resolve: (answer: AnsweredHold) => void;
  readonly reject: (error: unknown) => void;
}

interface Lost {
  readonly requestId: string;
  readonly budgetId: string | undefined;
  /** Of the monotonic clock: not before. */
  readonly at: number;
}

/**
 * The authority of nodes that share a store. It is the store itself: what nodes set aside lies there, beside what is
 * spent, and is given back in the transaction that books the settlement. The requests of one turn of the event loop, or
 * those that come while a round trip is under way, go in one statement.
 */
export class SharedAuthority implements Authority {
  readonly #options: SharedAuthorityOptions;
  #waiting: Waiting[] = [];
  #isUnderWay = false;
  #lost: Lost[] = [];

  constructor(options: SharedAuthorityOptions) {
    this.#options = options;
  }

  async hold(requestId: string, budgets: readonly Budget[], most: RequestMost): Promise<HoldVerdict> {
    try {
      return await this.#holdFlushed(requestId, budgets, most);
    } catch (error) {
      const blocks = budgets.some(({ hardAction }) => hardAction === "block");
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
    this.#lose(requestId, undefined, 0);
    return this.settleLost();
  }

  /** The settlement itself gives back what was held, on its way into the store. */
  settled(): void {}

  async join(
    budget: Budget,
    { requestId, bound, admittedAt }: Intent,
    tokens: number,
  ): Promise<BudgetPart | undefined> {
    const need = needOf(budget, { bound, tokens });
    const { isHeld, standings } = await this.#ask({
      requestId,
      wants: [this.#want(budget, need)],
      admittedAt,
    });
    const [standing] = standings;
    return isHeld && standing ? partOf(budget, need, standing) : undefined;
  }

  leave(requestId: string, { budgetId }: BudgetPart): void {
    this.#lose(requestId, budgetId, 0);
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

  /** Gives back what is set aside for requests that were never sent. Rejects with StoreUnavailable: it comes again. */
  async settleLost(): Promise<void> {
    const now = this.#options.clock.monotonic();
    const due = this.#lost.filter(({ at }) => at <= now);
    if (due.length === 0) return;
    this.#lost = this.#lost.filter(({ at }) => at > now);
    try {
      const whole = due.filter(({ budgetId }) => budgetId === undefined).map(({ requestId }) => requestId);
      if (whole.length > 0) await this.#options.holds.release(whole);
      for (const { requestId, budgetId } of due) {
        if (budgetId !== undefined) await this.#options.holds.release([requestId], budgetId);
      }
    } catch (error) {
      this.#lost.push(...due);
      throw error;
    }
  }

  async #hold(requestId: string, budgets: readonly Budget[], most: RequestMost): Promise<HoldVerdict> {
    const wants = wantsOf(budgets, most);
    const { isHeld, standings } = await this.#ask({
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

  #ask(asked: AskedHold): Promise<AnsweredHold> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new StoreUnavailable(`${WAITING_MAX} requests wait for their budgets`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<AnsweredHold>();
    this.#waiting.push({ asked, resolve, reject });
    if (!this.#isUnderWay) {
      this.#isUnderWay = true;
      setImmediate(() => void this.#send());
    }
    return promise;
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      try {
        const answers = await this.#options.holds.hold(
          this.#options.nodeId,
          batch.map(({ asked }) => asked),
        );
        if (answers === undefined) throw new StoreUnavailable("the store does not know this node");
        for (const [place, { resolve, reject }] of batch.entries()) {
          const answer = answers[place];
          if (answer) resolve(answer);
          else reject(new StoreUnavailable("the store has not answered to all"));
        }
      } catch (error) {
        // Whether it was done nobody knows: what was set aside is given back once it can be no more.
        const at = this.#options.clock.monotonic() + LOST_MS;
        for (const { asked, reject } of batch) {
          const only = asked.admittedAt === undefined ? undefined : asked.wants[0]?.budgetId;
          this.#lose(asked.requestId, only, at);
          reject(error);
        }
      }
    }
    this.#isUnderWay = false;
  }

  #lose(requestId: string, budgetId: string | undefined, at: number): void {
    // Beyond it they go with the node.
    if (this.#lost.length < LOST_MAX) this.#lost.push({ requestId, budgetId, at });
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
