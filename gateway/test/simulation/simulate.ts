import type { Intent, Payer, Settlement } from "../../src/core/accounting.ts";
import { type Budget, BUDGET_PERIODS, HARD_ACTIONS, type Measure } from "../../src/core/budget.ts";
import { isNothing, NOTHING, plus } from "../../src/escrow/measure.ts";
import { Arming, type OpenRequest } from "../../src/settlement/budgets/arming.ts";
import { bookedJournal } from "../../src/settlement/budgets/booked-journal.ts";
import { BudgetBook, budgetZone } from "../../src/settlement/budgets/budget-book.ts";
import { LocalAuthority } from "../../src/settlement/budgets/local-authority.ts";
import { settlementOf } from "../../src/settlement/settle.ts";
import { Unsettled } from "../../src/settlement/unsettled.ts";
import type { Snapshot } from "../../src/snapshot/snapshot.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { Chance } from "./chance.ts";
import { isWithin, ModelStore } from "./model-store.ts";
import { ownerOf, PAYERS, SCOPES, snapshotOf, ZONES } from "./people.ts";

const STEPS = 120;
const HOUR_MS = 3_600_000;
/** A pico a token, in and out. */
const PRICE = {
  id: "price_1",
  subject: { kind: "model", id: "model_1" },
  effectiveFrom: 0,
  rates: { input: 1n, output: 1n },
} as const;

/** What one seed has seen. */
export interface Seen {
  readonly admitted: number;
  readonly refused: number;
  readonly crashes: number;
}

/** One process: it is lost in a crash. */
interface Process {
  readonly snapshot: Snapshot;
  readonly book: BudgetBook;
  readonly arming: Arming;
  readonly journal: ReturnType<typeof bookedJournal>;
  readonly unsettled: Unsettled;
  readonly open: Set<OpenRequest>;
  /** Work on budgets that waits for its turn. */
  readonly waiting: (() => void)[];
}

/**
 * One node that admits, settles, crashes and starts again, on a store of a model and the product's own budgets. At every
 * admission what is spent and held is summed anew from the usage and the open requests, and held against the verdict.
 * Throws with what went wrong; the same seed goes wrong in the same way.
 */
export async function simulate(seed: number): Promise<Seen> {
  const simulation = new Simulation(new Chance(seed));
  for (let step = 0; step < STEPS; step++) await simulation.step();
  await simulation.quiet();
  return simulation.seen;
}

class Simulation {
  readonly #chance: Chance;
  readonly #store = new ModelStore();
  #zone: string;
  #now: number;
  #process: Process;
  #ids = 0;
  readonly seen = { admitted: 0, refused: 0, crashes: 0 };

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#zone = chance.one(ZONES);
    // Around the night of a change of clocks.
    this.#now = Date.UTC(2026, chance.one([2, 9]), chance.integer(23, 31), chance.integer(0, 23));
    this.#process = this.#start();
  }

  async step(): Promise<void> {
    const chance = this.#chance;
    const dice = chance.next();
    if (dice < 0.4) await this.#admit();
    else if (dice < 0.66) await this.#finish();
    else if (dice < 0.74) this.#makeBudget();
    else if (dice < 0.78) this.#changeBudget();
    else if (dice < 0.8) this.#deleteBudget();
    else if (dice < 0.88) this.#process.waiting.shift()?.();
    else if (dice < 0.93) this.#now += (chance.happens(0.2) ? -1 : chance.integer(0, 30)) * HOUR_MS;
    else if (dice < 0.95) this.#zone = chance.one(ZONES);
    else if (dice < 0.97) await this.#blip();
    else await this.#crash();
    await turn();
  }

  /** All is settled and armed: nothing is held, and the counters are what was used. */
  async quiet(): Promise<void> {
    this.#store.isAway = false;
    while (this.#process.open.size > 0) await this.#finish();
    await this.#process.unsettled.retry(this.#process.journal);
    const arming = this.#process.arming.run();
    for (let turns = 0; turns < 500; turns++) {
      this.#process.waiting.shift()?.();
      await turn();
    }
    await arming;
    for (const budget of this.#store.budgets.values()) {
      const { window, spent, held } = this.#standing(budget);
      if (!isNothing(held)) throw new Error(`${budget.id} still holds ${told(held)}`);
      demandSame(`${budget.id} in memory`, spent, this.#used(budget, window));
    }
    for (const { budgetId, window, spent } of this.#store.windows.values()) {
      const budget = this.#store.budgets.get(budgetId);
      const isWhole = window.start >= (this.#store.armedIn.get(budgetId) ?? 0);
      if (budget && isWhole) demandSame(`${budgetId} in the store`, spent, this.#used(budget, window));
    }
  }

  #start(): Process {
    const snapshot = snapshotOf(this.#store, this.#zone);
    const clock = { now: () => this.#now };
    const zoneOf = (budget: Budget) => budgetZone(budget, snapshot);
    const authority = new LocalAuthority(clock, zoneOf, this.#store.lastWindows());
    const book = new BudgetBook(snapshot, authority);
    const [open, waiting, unsettled] = [
      new Set<OpenRequest>(),
      new Array<() => void>(),
      new Unsettled(() => undefined),
    ];
    const store = this.#store;
    const later = () => new Promise<void>((resolve) => waiting.push(resolve));
    const isUnder = (budget: Budget) => (intent: Intent) =>
      book.over(intent.payer).some(({ id }) => id === budget.id);
    const arming = new Arming({
      snapshot,
      book,
      journal: store,
      openRequests: () => open,
      unsettled,
      committed: later,
      acknowledge: () => Promise.resolve(true),
      holdAgain: () => Promise.resolve(),
      keepRearmed: () => Promise.resolve(true),
      zoneOf,
      async usedBefore(budget, window) {
        await later();
        return store.usedBefore(budget, window, isUnder(budget));
      },
      async keep(budget, window, used) {
        await later();
        if (!store.budgets.has(budget.id)) return false;
        store.addSpent(budget.id, window, used);
        store.armedIn.set(budget.id, window.start);
        store.budgets.set(budget.id, { ...(store.budgets.get(budget.id) ?? budget), armedAt: 1 });
        return true;
      },
      async catchUp() {
        for (const budget of store.budgets.values()) {
          snapshot.apply({ kind: "budget", id: budget.id, value: budget });
        }
      },
    });
    const journal = bookedJournal(store, (settlement) => authority.settled(settlement));
    return { snapshot, book, arming, journal, unsettled, open, waiting };
  }

  #standing(budget: Budget) {
    const standings = this.#process.book.authority.standings([budget]);
    if (standings instanceof Promise) throw new Error("asked somewhere else");
    const [standing] = standings;
    if (!standing) throw new Error("no standing");
    return standing;
  }

  /** Summed from the usage: what the requests under a budget have used of a window. */
  #used(budget: Budget, window: { readonly start: number; readonly end?: number }): Measure {
    let sum = NOTHING;
    for (const { intent, used, named } of this.#store.usage.values()) {
      if (!this.#isUnder(budget, intent.payer)) continue;
      const part = named.find(({ budgetId }) => budgetId === budget.id);
      if (part === undefined ? isWithin(intent.admittedAt, window) : part.window.start === window.start) {
        sum = plus(sum, used);
      }
    }
    return sum;
  }

  /** What requests that are not settled, in the store's eyes, may still use of a window. */
  #promised(budget: Budget, start: number): Measure {
    let sum = NOTHING;
    for (const intent of this.#store.intents.values()) {
      const part = intent.budgets?.find(({ budgetId }) => budgetId === budget.id);
      if (part?.window.start === start) sum = plus(sum, part);
    }
    return sum;
  }

  #isUnder(budget: Budget, payer: Payer): boolean {
    return this.#process.book.over(payer).some(({ id }) => id === budget.id);
  }

  async #admit(): Promise<void> {
    const { book, journal, open } = this.#process;
    const chance = this.#chance;
    const payer = chance.one(PAYERS);
    const tokens = chance.integer(1, 60);
    const amount = BigInt(tokens);
    const intent: Intent = {
      requestId: `req_${String(++this.#ids).padStart(26, "0")}`,
      admittedAt: this.#now,
      payer,
      modelId: "model_1",
      modelSlug: "model",
      backendId: "be_1",
      stream: chance.happens(0.5),
      inputEstimate: 1,
      bound: { cost: 0n, partner: amount, tenant: amount },
      priceVersionId: PRICE.id,
    };
    const over = book.over(payer);
    const most = { bound: intent.bound, tokens };
    const standings = over.map((budget) => {
      const { window } = this.#standing(budget);
      return { spent: this.#used(budget, window), held: this.#promised(budget, window.start) };
    });
    const verdict = await book.authority.hold(intent.requestId, over, most, intent.admittedAt);
    if (over.every(({ armedAt }) => armedAt !== undefined)) {
      const right = verdictBy(over, standings, tokens);
      const got = verdict.refusal?.fit ?? "fits";
      if (right !== got) throw new Error(`${intent.requestId}: ${got}, but by the books ${right}`);
    }
    if (verdict.parts === undefined) {
      this.seen.refused++;
      return;
    }
    const named = over.length === 0 ? intent : { ...intent, budgets: verdict.parts };
    const request: OpenRequest = { intent: named, tokensMax: tokens, isSettling: false };
    open.add(request);
    this.seen.admitted++;
    try {
      await journal.intend(named);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      request.isSettling = true;
      open.delete(request);
      await book.authority.release(request.intent);
    }
  }

  async #finish(): Promise<void> {
    const { journal, open, unsettled } = this.#process;
    if (open.size === 0) return;
    const request = this.#chance.one([...open]);
    request.isSettling = true;
    open.delete(request);
    const settlement = this.#settlement(request.intent);
    try {
      await journal.settle(settlement);
      if (this.#chance.happens(0.05)) await this.#store.settle(settlement);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      unsettled.add(settlement);
    }
  }

  #settlement(intent: Intent, isInterrupted = false): Settlement {
    const chance = this.#chance;
    const most = Number(intent.bound.tenant);
    const output = chance.integer(0, most - 1);
    const delivered = chance.happens(0.8);
    return settlementOf(
      intent,
      {
        status: isInterrupted ? "interrupted" : delivered ? "completed" : "failed",
        backendId: "be_1",
        reported: isInterrupted ? undefined : { input: 1, output },
        outputTokens: output,
        delivered,
        upstreamAtWork: true,
        latencyMs: 1,
        ttftMs: undefined,
        errorCode: undefined,
      },
      this.#now,
      () => PRICE,
    );
  }

  #makeBudget(): void {
    const chance = this.#chance;
    const [scope, scopeId] = chance.one(SCOPES);
    const budget: Budget = {
      id: `budget_${++this.#ids}`,
      scope,
      scopeId,
      ...ownerOf(scope, scopeId),
      period: chance.one(BUDGET_PERIODS),
      limits: this.#limits(),
      softLimit: 8_000,
      hardAction: chance.happens(0.8) ? "block" : chance.one(HARD_ACTIONS),
      setBy: "platform",
      createdAt: this.#now,
    };
    this.#put(budget);
    // What comes of it is looked at in the end; a crash leaves it undone.
    this.#process.arming.run().catch(() => undefined);
  }

  #limits(): Budget["limits"] {
    const chance = this.#chance;
    return {
      ...(chance.happens(0.6) && { pico: BigInt(chance.integer(0, 400)) }),
      ...(chance.happens(0.3) && { tokens: chance.integer(0, 400) }),
      ...(chance.happens(0.3) && { requests: chance.integer(0, 12) }),
    };
  }

  #put(budget: Budget): void {
    this.#store.budgets.set(budget.id, budget);
    this.#process.snapshot.apply({ kind: "budget", id: budget.id, value: budget });
  }

  #changeBudget(): void {
    if (this.#store.budgets.size === 0) return;
    this.#put({ ...this.#chance.one([...this.#store.budgets.values()]), limits: this.#limits() });
  }

  #deleteBudget(): void {
    if (this.#store.budgets.size === 0) return;
    const { id } = this.#chance.one([...this.#store.budgets.values()]);
    this.#store.delete(id);
    this.#process.snapshot.apply({ kind: "budget", id, value: undefined });
    this.#process.book.authority.closed(id);
  }

  /** The store takes nothing for a moment, while requests come and go. */
  async #blip(): Promise<void> {
    this.#store.isAway = true;
    for (let n = this.#chance.integer(1, 5); n > 0; n--) {
      if (this.#chance.happens(0.5)) await this.#finish();
      else await this.#admit();
    }
    this.#store.isAway = false;
    if (this.#chance.happens(0.7)) await this.#process.unsettled.retry(this.#process.journal);
  }

  /** Everything in memory is gone; the start settles what was open before it admits anything. */
  async #crash(): Promise<void> {
    this.seen.crashes++;
    for (const intent of this.#store.intents.values()) {
      await this.#store.settle(this.#settlement(intent, true));
    }
    this.#process = this.#start();
    this.#process.arming.run().catch(() => undefined);
  }
}

/** What the books say of a request that needs so many tokens at a pico each: worked out anew, not by the product. */
function verdictBy(
  over: readonly Budget[],
  standings: readonly { readonly spent: Measure; readonly held: Measure }[],
  tokens: number,
): "fits" | "reserved" | "exceeded" {
  let isReserved = false;
  for (const [place, { hardAction, limits }] of over.entries()) {
    const standing = standings[place];
    if (hardAction !== "block" || standing === undefined) continue;
    for (const [name, need] of [
      ["pico", tokens],
      ["tokens", tokens],
      ["requests", 1],
    ] as const) {
      const left = Number(limits[name] ?? Number.POSITIVE_INFINITY) - Number(standing.spent[name]);
      if (need > left) return "exceeded";
      if (need > left - Number(standing.held[name])) isReserved = true;
    }
  }
  return isReserved ? "reserved" : "fits";
}

/** Lets what can go on now go on. */
async function turn(): Promise<void> {
  for (let n = 0; n < 12; n++) await Promise.resolve();
}

function told({ pico, tokens, requests }: Measure): string {
  return `${pico} pico, ${tokens} tokens, ${requests} requests`;
}

function demandSame(what: string, found: Measure, right: Measure): void {
  if (told(found) !== told(right))
    throw new Error(`${what}: ${told(found)}, but by the usage ${told(right)}`);
}
