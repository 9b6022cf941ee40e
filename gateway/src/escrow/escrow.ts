import type { Budget, BudgetPart, BudgetPrice, BudgetWindow, Measure, MeasureName } from "../core/budget.ts";
import { type Fit, fitOf, type Standing } from "./judge.ts";
import { isNothing, minus, NOTHING, plus } from "./measure.ts";
import { windowAfter, windowAt } from "./windows.ts";

/** What a request needs of one budget. */
export interface Want {
  readonly budget: Budget;
  readonly need: Measure;
}

/** Why nothing was set aside. */
export interface HoldRefusal {
  readonly fit: Exclude<Fit, "fits">;
  readonly budget: Budget;
  /** The limit that speaks against it. */
  readonly limit: MeasureName;
  readonly need: Measure;
  readonly standing: WindowStanding;
}

export type HoldVerdict =
  | { readonly parts: readonly BudgetPart[]; readonly refusal?: never }
  | {
      readonly refusal: HoldRefusal;
      /** How each of the budgets stands, in their order. */
      readonly standings: readonly WindowStanding[];
      readonly parts?: never;
    };

/** How one window stands. */
export interface WindowStanding extends Standing {
  readonly window: BudgetWindow;
}

interface OpenWindow {
  readonly window: BudgetWindow;
  spent: Measure;
  held: Measure;
}

interface Account {
  current: OpenWindow;
  /** Former windows in which requests in flight were admitted, by their start. */
  readonly former: Map<number, OpenWindow>;
}

/**
 * Sets aside what requests may cost in every budget over them, all or none, and books what they did cost. Reads no
 * clock and keeps nothing for good: instants are given (epoch milliseconds), and what is spent comes from a store
 * whose counters move with the settlements. For every budget that blocks, at each hold: spent + held ≤ limit.
 */
export class Escrow {
  readonly #accounts = new Map<string, Account>();
  readonly #zoneOf: (budget: Budget) => string;

  /** `zoneOf`: in whose calendar the windows of a budget roll; asked when one opens. */
  constructor(zoneOf: (budget: Budget) => string) {
    this.#zoneOf = zoneOf;
  }

  /** Takes over the last window of a budget, as a store knows it. */
  open(budgetId: string, window: BudgetWindow, spent: Measure): void {
    this.#accounts.set(budgetId, { current: { window, spent, held: NOTHING }, former: new Map() });
  }

  /** Forgets a budget that is gone, with what it holds. */
  close(budgetId: string): void {
    this.#accounts.delete(budgetId);
  }

  /** Sets aside in every budget, or in none when one that blocks has not enough left. */
  hold(wants: readonly Want[], nowMs: number): HoldVerdict {
    const windows: OpenWindow[] = [];
    for (const { budget } of wants)
      windows.push(this.#running(budget, this.#accounts.get(budget.id)?.current, nowMs));
    const refusal = refusalOf(wants, windows);
    if (refusal !== undefined) return { refusal, standings: windows.map(copyOf) };
    const parts: BudgetPart[] = [];
    let place = 0;
    for (const { budget, need } of wants) {
      const window = windows[place++];
      if (window === undefined) continue;
      this.#enter(budget.id, window);
      parts.push(take(window, budget, need));
    }
    return { parts };
  }

  /**
   * Sets aside for a request that was admitted before the budget was made, without a look at its limits. Undefined
   * where it was admitted in a former window.
   */
  join({ budget, need }: Want, admittedAt: number, nowMs: number): BudgetPart | undefined {
    const current = this.#current(budget, nowMs);
    return admittedAt < current.window.start ? undefined : take(current, budget, need);
  }

  /** Gives back what was set aside and books what became of it, in the window of the admission. */
  settle(held: readonly BudgetPart[], spent: readonly Measure[]): void {
    let place = 0;
    for (const part of held) this.#settle(part, spent[place++] ?? NOTHING);
  }

  /** Books what was used in a window without having been held. */
  add(budgetId: string, window: BudgetWindow, measure: Measure): void {
    const account = this.#accounts.get(budgetId);
    if (account === undefined) return this.open(budgetId, window, measure);
    // Opened in the store: a clock that was set back meanwhile has not led here to an earlier one for good.
    if (window.start > account.current.window.start) {
      this.#turn(account, { window, spent: NOTHING, held: NOTHING });
    }
    const found = this.#find(budgetId, window.start);
    if (found !== undefined) found.spent = plus(found.spent, measure);
  }

  /** How the running window of a budget stands. Opens none: whoever asks may ask for a budget that is gone. */
  standing(budget: Budget, nowMs: number): WindowStanding {
    return copyOf(this.#running(budget, this.#accounts.get(budget.id)?.current, nowMs));
  }

  /** What is set aside in a budget over all its windows. */
  heldIn(budgetId: string): Measure {
    const account = this.#accounts.get(budgetId);
    if (account === undefined) return NOTHING;
    return [...account.former.values()].reduce((sum, { held }) => plus(sum, held), account.current.held);
  }

  #settle(part: BudgetPart, spent: Measure): void {
    const { start } = part.window;
    const window = this.#find(part.budgetId, start);
    // The budget is gone.
    if (window === undefined) return;
    window.held = minus(window.held, part);
    window.spent = plus(window.spent, spent);
    if (isNothing(window.held)) this.#accounts.get(part.budgetId)?.former.delete(start);
  }

  #find(budgetId: string, start: number): OpenWindow | undefined {
    const account = this.#accounts.get(budgetId);
    return account?.current.window.start === start ? account.current : account?.former.get(start);
  }

  /** The window an admission belongs to. */
  #current(budget: Budget, nowMs: number): OpenWindow {
    const running = this.#running(budget, this.#accounts.get(budget.id)?.current, nowMs);
    this.#enter(budget.id, running);
    return running;
  }

  /** Makes a window the one that runs. */
  #enter(budgetId: string, running: OpenWindow): void {
    const account = this.#accounts.get(budgetId);
    if (account === undefined) this.#accounts.set(budgetId, { current: running, former: new Map() });
    else if (running !== account.current) this.#turn(account, running);
  }

  /** Goes on to the next window; the last one stays as long as it holds anything. */
  #turn(account: Account, next: OpenWindow): void {
    const { current, former } = account;
    if (!isNothing(current.held)) former.set(current.window.start, current);
    account.current = next;
  }

  /**
   * The last window as long as it has not ended, then the next. Once one is open, no clock that is set back leads behind
   * it.
   */
  #running(budget: Budget, last: OpenWindow | undefined, nowMs: number): OpenWindow {
    const ended = last?.window.end;
    if (last !== undefined && (ended === undefined || nowMs < ended)) return last;
    const zone = this.#zoneOf(budget);
    const window =
      ended === undefined
        ? windowAt(budget.period, nowMs, zone)
        : windowAfter(ended, budget.period, nowMs, zone);
    return { window, spent: NOTHING, held: NOTHING };
  }
}

/** What speaks against setting aside in every budget: in one that blocks not enough is left. */
export function refusalOf(
  wants: readonly Want[],
  standings: readonly WindowStanding[],
): HoldRefusal | undefined {
  let reserved: HoldRefusal | undefined;
  let place = 0;
  for (const { budget, need } of wants) {
    const standing = standings[place++];
    if (budget.hardAction !== "block" || standing === undefined) continue;
    const { fit, limit } = fitOf(budget.limits, standing, need);
    if (fit === "fits" || limit === undefined) continue;
    const refusal: HoldRefusal = { fit, budget, limit, need, standing };
    if (fit === "exceeded") return refusal;
    reserved ??= refusal;
  }
  return reserved;
}

function take(window: OpenWindow, budget: Budget, need: Measure): BudgetPart {
  window.held = plus(window.held, need);
  const { pico, tokens, requests } = need;
  return { budgetId: budget.id, price: priceOf(budget), window: window.window, pico, tokens, requests };
}

function copyOf({ window, spent, held }: OpenWindow): WindowStanding {
  return { window, spent, held };
}

/** A partner's budget counts what the partner pays, every other what the tenant does. */
export function priceOf({ scope }: Budget): BudgetPrice {
  return scope === "partner" ? "partner" : "tenant";
}
