import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import type { Budget, BudgetWindow } from "../core/budget.ts";
import type { Comparison } from "../core/drift.ts";
import type { WindowStanding } from "../escrow/escrow.ts";
import { addEvents } from "../store/events/writer.ts";
import { compareBatches, compareBudget, compareCells } from "../store/ledger/compare.ts";
import { compareTotals, nextMonth } from "../store/ledger/compare-totals.ts";
import { firstUsage, forgetDrift, keepDrift, openDrifts } from "../store/ledger/drifts.ts";
import type { Store } from "../store/store.ts";
import type { Write } from "../store/write.ts";

/** Of one look: some milliseconds of a thread that reads. */
const BATCHES_AT_ONCE = 20;
const HOUR_MS = 3_600_000;
const HOURS_AT_ONCE = 4;
/** Batches are looked at for so long: their requests are kept longer. */
const BATCHES_MS = 35 * 86_400_000;
/** An hour, or the window of a budget, may have millions of requests: nobody looks again for so many times as long. */
const REST = 20;

export interface ReconcileDeps {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<Store, "read" | "engine"> & {
    /** Rejects with StoreUnavailable. */
    commit(writes: readonly Write[]): Promise<void>;
  };
  readonly budgets: () => Iterable<Budget>;
  readonly standings: (budgets: readonly Budget[]) => Promise<ReadonlyMap<string, WindowStanding>>;
  /** How long single requests are kept. */
  readonly keptMs: number;
  /** Hears of each difference once. */
  readonly onDrift: (drift: Comparison) => void;
}

/**
 * Compares what single requests come to with the ledger, the cells and the counters of budgets, and the ledger with its
 * totals, a little at a time, round and round. A difference is told of once, in one commit with the row that says that it was.
 */
export class Reconciler {
  readonly #deps: ReconcileDeps;
  #drifts = new Map<string, Comparison>();
  #batch = 0n;
  #hourMs = 0;
  #budget = "";
  #month = "";
  /** Epoch milliseconds. */
  #nextAt = 0;

  constructor(deps: ReconcileDeps) {
    this.#deps = deps;
  }

  /** Differences that stand, as of the last look. */
  get open(): number {
    return this.#drifts.size;
  }

  /** What others have found. Rejects with StoreUnavailable. */
  async look(): Promise<void> {
    const found = await openDrifts(this.#deps.store.read);
    this.#drifts = new Map(found.map((drift) => [nameOf(drift), drift]));
  }

  /** Compares the next few of each. Rejects with StoreUnavailable: the next call goes on. */
  async run(): Promise<void> {
    const { clock } = this.#deps;
    await this.look();
    const begunAt = clock.now();
    if (begunAt < this.#nextAt) return;
    try {
      await this.#judge(await this.#batches());
      await this.#judge(await this.#hours());
      await this.#judge(await this.#oneBudget());
      await this.#judge(await this.#totals());
    } finally {
      this.#nextAt = clock.now() + (clock.now() - begunAt) * REST;
    }
  }

  async #batches(): Promise<readonly Comparison[]> {
    const { clock, store } = this.#deps;
    const since = clock.now() - BATCHES_MS;
    const { last, comparisons } = await compareBatches(store.read, this.#batch, since, BATCHES_AT_ONCE);
    this.#batch = comparisons.length < BATCHES_AT_ONCE ? 0n : last;
    return comparisons;
  }

  /** The running hour and the one before each time, the others in turn. */
  async #hours(): Promise<readonly Comparison[]> {
    const { clock, store, keptMs } = this.#deps;
    const first = await firstUsage(store.read);
    if (first === undefined) return [];
    const now = clock.now() - (clock.now() % HOUR_MS);
    const hours = new Set([now - HOUR_MS, now]);
    // What was admitted later than that is all still there.
    const kept = clock.now() - keptMs;
    const start = Math.max(first - (first % HOUR_MS), kept - (kept % HOUR_MS) + HOUR_MS);
    for (let count = 0; count < HOURS_AT_ONCE; count++) {
      this.#hourMs = Math.max(this.#hourMs + HOUR_MS, start);
      if (this.#hourMs > now) this.#hourMs = start;
      hours.add(this.#hourMs);
    }
    const compared: Comparison[] = [];
    for (const at of hours) compared.push(...(await compareCells(store.read, at, at + HOUR_MS)));
    return compared;
  }

  async #oneBudget(): Promise<readonly Comparison[]> {
    const { clock, store, budgets, standings, keptMs } = this.#deps;
    const all = [...budgets()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const budget = all.find(({ id }) => id > this.#budget) ?? all[0];
    this.#budget = budget?.id ?? "";
    if (budget === undefined) return [];
    const window: BudgetWindow | undefined = (await standings([budget])).get(budget.id)?.window;
    // Of an older one the first requests are deleted.
    if (window === undefined || window.start < clock.now() - keptMs) return [];
    const compared = await compareBudget(store.read, store.engine, budget, window);
    return compared ? [compared] : [];
  }

  async #totals(): Promise<readonly Comparison[]> {
    const { read } = this.#deps.store;
    const month = await nextMonth(read, this.#month);
    if (month === undefined) return [];
    this.#month = month;
    return await compareTotals(read, month);
  }

  async #judge(comparisons: readonly Comparison[]): Promise<void> {
    for (const comparison of comparisons) {
      const { kind, subject, expected, found } = comparison;
      const known = this.#drifts.get(nameOf(comparison));
      if (expected === found) {
        if (known !== undefined) await this.#deps.store.commit([forgetDrift(kind, subject)]);
        this.#drifts.delete(nameOf(comparison));
      } else if (known?.expected !== expected || known.found !== found) await this.#tell(comparison);
    }
  }

  async #tell(drift: Comparison): Promise<void> {
    const { clock, store, onDrift } = this.#deps;
    const at = clock.now();
    const { kind, subject, expected, found } = drift;
    const payload = { kind, subject, expected, found };
    const event = { id: newId("evt", at), type: "accounting.drift_detected" as const, payload, at };
    await store.commit([keepDrift(drift, at), ...addEvents([event])]);
    this.#drifts.set(nameOf(drift), drift);
    onDrift(drift);
  }
}

function nameOf({ kind, subject }: Comparison): string {
  return `${kind} ${subject}`;
}
