import type { Clock } from "../base/clock.ts";
import type { Run } from "../core/ledger.ts";
import { bookingOf, type ZoneOf } from "../settlement/ledger/booking.ts";
import { Months } from "../settlement/ledger/months.ts";
import { TooManyRows } from "../store/errors.ts";
import type { Books } from "../store/ledger/books.ts";
import { ledgerBegins, runSums } from "../store/ledger/reader.ts";
import type { Reader } from "../store/store.ts";

/** Requests that are booked as soon as there are so many; fewer wait, so that a quiet hour leaves few entries. */
const ROWS_MIN = 500;
export const WAIT_MS = 60_000;
/** Requests of one run, to begin with and at most. */
const ROWS_FIRST = 1_000;
const ROWS_MAX = 8_000;
/** Cells of one run: some 2 ms of the event loop on SQLite. More, and the run is cut. */
const CELLS_MAX = 500;

export interface BookUsageDeps {
  readonly clock: Pick<Clock, "now">;
  readonly books: Books;
  readonly read: Reader;
  readonly zoneOf: ZoneOf;
}

/**
 * Takes what has settled into the ledger and the roll-ups, run after run. Requests pay nothing for it: sums are read off
 * the event loop, and only they are written on it.
 */
export class UsageBooker {
  readonly #deps: BookUsageDeps;
  readonly #months = new Months();
  #begins: bigint | undefined;
  #rowsMax = ROWS_FIRST;
  #last: Promise<void> = Promise.resolve();

  constructor(deps: BookUsageDeps) {
    this.#deps = deps;
  }

  /** Books what is due. Rejects with StoreUnavailable: the next call goes on. */
  run(): Promise<void> {
    const { clock } = this.#deps;
    return this.#inTurn(
      (run) => run.rows >= Math.min(ROWS_MIN, this.#rowsMax) || clock.now() - run.waitsSince >= WAIT_MS,
    );
  }

  /** Books all that has settled before the call, however much settles meanwhile. Rejects with StoreUnavailable. */
  async all(): Promise<void> {
    const newest = await this.#deps.books.newest();
    await this.#inTurn((run) => run.after < newest);
  }

  /** One after the other: two at once would only be in each other's way. */
  #inTurn(isDue: (run: Run) => boolean): Promise<void> {
    this.#last = this.#last.then(
      () => this.#book(isDue),
      () => this.#book(isDue),
    );
    return this.#last;
  }

  async #book(isDue: (run: Run) => boolean): Promise<void> {
    const { books } = this.#deps;
    for (;;) {
      const run = await books.next(this.#rowsMax);
      if (run === undefined || !isDue(run)) return;
      if ((await this.#take(run)) === "others do") return;
    }
  }

  async #take(run: Run): Promise<"done" | "cut" | "others do"> {
    const { books, read, zoneOf, clock } = this.#deps;
    let sums;
    try {
      sums = await runSums(read, run);
    } catch (error) {
      if (!(error instanceof TooManyRows)) throw error;
    }
    if (run.waiting > 1 && (sums === undefined || sums.length * 2 > CELLS_MAX)) {
      this.#rowsMax = Math.max(1, run.rows >> 1);
      return "cut";
    }
    if (sums === undefined) throw new Error("one number has more rows than a query gives");
    const isHistory = run.after < (this.#begins ??= await ledgerBegins(read));
    const context = { zoneOf, months: this.#months, bookedAt: clock.now(), isHistory };
    const booking = bookingOf(run, sums, context);
    if (!(await books.keep(booking))) return "others do";
    if (booking.cells.length * 4 < CELLS_MAX) this.#rowsMax = Math.min(ROWS_MAX, this.#rowsMax * 2);
    return "done";
  }
}
