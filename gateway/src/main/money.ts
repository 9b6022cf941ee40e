import { systemClock as clock } from "../base/clock.ts";
import type { Budget } from "../core/budget.ts";
import type { InFlight } from "../inference/in-flight.ts";
import { BudgetTeller } from "../jobs/tell-budgets.ts";
import { ExcessTeller } from "../jobs/tell-excess.ts";
import { RatioKeeper } from "../jobs/ratios.ts";
import type { Journal } from "../journal/journal.ts";
import { Arming, type ArmingOptions } from "../settlement/budgets/arming.ts";
import { bookedJournal } from "../settlement/budgets/booked-journal.ts";
import { BudgetBook, budgetZone } from "../settlement/budgets/budget-book.ts";
import { Idempotency } from "../settlement/idempotency/idempotency.ts";
import { Estimates } from "../settlement/estimates.ts";
import { LocalAuthority } from "../settlement/budgets/local-authority.ts";
import { Reassertion } from "../settlement/budgets/reassertion.ts";
import { SharedAuthority } from "../settlement/budgets/shared-authority.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Unsettled } from "../settlement/unsettled.ts";
import { usedBefore } from "../store/budgets/reader.ts";
import { armBudget, rearmBudget } from "../store/budgets/writer.ts";
import { WriteConflict } from "../store/errors.ts";
import type { Parts } from "./parts.ts";

/** The budgets of one process, and the journal that moves them. */
export interface Money {
  readonly book: BudgetBook;
  readonly journal: Pick<Journal, "intend" | "settle">;
  readonly idempotency: Idempotency;
  /** What calls leave behind. */
  readonly noted: { readonly estimates: Estimates; readonly excesses: ExcessTeller };
  /** Tells of charges that met their hold. */
  readonly tellExcesses: () => Promise<void>;
  /** Keeps what was learned of tokenizers. */
  readonly keepRatios: () => Promise<void>;
  /** Makes budgets count what was used before they were made. */
  readonly arm: () => Promise<void>;
  /** Tells which budgets are used up. */
  readonly tell: () => Promise<void>;
  /** Gives back in the store what is held for requests that were never sent. */
  readonly tidy: () => Promise<void>;
  /** Tells a store that has begun anew what is in flight here. */
  readonly reassert: () => Promise<void>;
}

/** Constructs what keeps budgets. */
export function moneyOf(
  parts: Parts,
  inFlight: InFlight,
  unsettled: Unsettled,
  catchUp: () => Promise<void>,
): Money {
  const { records, plane, spentWindows, ring } = parts;
  const { snapshot } = plane;
  const { store, journal } = records;
  const committed = () => records.committed();
  const shared = sharedAuthority(records, snapshot);
  const authority = shared ?? new LocalAuthority(clock, zoneIn(snapshot), spentWindows);
  const book = new BudgetBook(snapshot, authority);
  const reassertion = reassertionOf(parts, shared, inFlight, unsettled);
  const holdAgain = async () => reassertion?.again();
  const arming = armingOf(parts, { book, inFlight, unsettled, catchUp, holdAgain });
  const commit = store.commit.bind(store);
  // A former process may have come to its end before it could tell.
  const untold = spentWindows.map(({ budgetId }) => budgetId);
  const teller = new BudgetTeller({ clock, snapshot, book, committed, commit }, untold);
  plane.subscribe((delta) => {
    if (delta.kind !== "budget") return;
    if (delta.value !== undefined) return teller.touch(delta.id);
    authority.closed(delta.id);
    teller.forget(delta.id);
  });
  return {
    book,
    journal: bookedJournal(journal, (settlement) => {
      authority.settled(settlement);
      for (const { budgetId } of settlement.budgets ?? []) teller.touch(budgetId);
    }),
    idempotency: idempotencyOf(records, ring),
    ...learningOf(records, plane),
    arm: () => arming.run(),
    tell: () => teller.run(),
    tidy: () => shared?.settleLost() ?? Promise.resolve(),
    reassert: async () => reassertion?.run(),
  };
}

function armingOf(
  { config, records, plane }: Parts,
  {
    book,
    inFlight,
    ...rest
  }: Pick<ArmingOptions, "unsettled" | "catchUp" | "holdAgain"> & {
    readonly book: BudgetBook;
    readonly inFlight: InFlight;
  },
): Arming {
  const { snapshot } = plane;
  const { store, journal, shared } = records;
  const silentMs = config.staleAuthSeconds * 1000;
  return new Arming({
    ...rest,
    snapshot,
    book,
    journal,
    openRequests: () => inFlight.openRequests(),
    committed: () => records.committed(),
    acknowledge: async (budget) =>
      shared === undefined || (await shared.holds.acknowledge(budget, shared.nodeId, silentMs)),
    zoneOf: zoneIn(snapshot),
    usedBefore: (budget, window) => usedBefore(store.read, budget, window),
    keep: (budget, window, used) =>
      store.commit(armBudget(budget.id, window, used, clock.now())).then(() => true, unlessGone),
    keepRearmed: ({ id, rearmingAt = 0 }) =>
      store.commit(rearmBudget(id, rearmingAt, clock.now())).then(() => true, unlessGone),
  });
}

/** What learns from calls, and tells of them. */
function learningOf(
  { store }: Parts["records"],
  plane: Parts["plane"],
): Pick<Money, "noted" | "tellExcesses" | "keepRatios"> {
  const estimates = new Estimates();
  const commit = store.commit.bind(store);
  const keeper = new RatioKeeper({ estimates, read: store.control, commit });
  plane.subscribe((delta) => {
    if (delta.kind === "backend" && delta.value === undefined) estimates.forget(delta.id);
  });
  const excesses = new ExcessTeller({ clock, commit });
  return {
    noted: { estimates, excesses },
    keepRatios: () => keeper.run(),
    tellExcesses: () => excesses.run(),
  };
}

/** The budget was deleted, or changed, while it was being armed. */
function unlessGone(error: unknown): false {
  if (error instanceof WriteConflict && error.kind === "missing") return false;
  throw error;
}

function zoneIn(snapshot: Snapshot): (budget: Budget) => string {
  return (budget) => budgetZone(budget, snapshot);
}

function sharedAuthority(records: Parts["records"], snapshot: Snapshot): SharedAuthority | undefined {
  if (records.shared === undefined) return undefined;
  const { holds, nodeId } = records.shared;
  const flush = () => records.committed();
  const blocks = (budget: Budget): boolean =>
    (snapshot.budgets.byId(budget.id) ?? budget).hardAction === "block";
  return new SharedAuthority({ clock, holds, nodeId, zoneOf: zoneIn(snapshot), blocks, flush });
}

function reassertionOf(
  { records, plane }: Pick<Parts, "records" | "plane">,
  authority: SharedAuthority | undefined,
  inFlight: InFlight,
  unsettled: Unsettled,
): Reassertion | undefined {
  const { shared } = records;
  if (shared === undefined || authority === undefined) return undefined;
  return new Reassertion({
    holds: shared.holds,
    nodeId: shared.nodeId,
    storeStart: () => shared.storeStart(),
    resend: async () => {
      await shared.resend();
      await plane.takeBack();
    },
    flush: () => records.committed(),
    openRequests: () => inFlight.openRequests(),
    unsettled,
    free: (requestIds) => authority.settleLost(requestIds),
  });
}

function idempotencyOf({ store, shared }: Parts["records"], ring: Parts["ring"]): Idempotency {
  return new Idempotency({
    clock,
    read: store.control,
    commit: (writes) => store.commit(writes),
    nodeId: shared?.nodeId ?? "alone",
    seal: (plain, rowId) => ring.seal(plain, rowId),
    unseal: (sealed, rowId) => ring.unseal(sealed, rowId),
  });
}
