import { PICO_PER_UNIT } from "../base/money.ts";
import type { BudgetPart, BudgetWindow, Measure } from "../core/budget.ts";
import { plus } from "../escrow/measure.ts";
import { SPENT_ADDED } from "../store/budgets/spent.ts";
import type { SqliteStatement } from "../store/sqlite/connection.ts";
import type { SqliteWriter } from "../store/sqlite/writer.ts";
import type { TurnListener } from "./group-commit.ts";

/** What the requests of one transaction have used of one window. */
interface Moved {
  readonly budgetId: string;
  readonly window: BudgetWindow;
  used: Measure;
}

/**
 * What budgets have spent, moved in the transaction of the settlements that spent it: once for all of them, since each
 * request over a budget would write the same row again (10 µs with two budgets).
 */
export class BudgetCounters implements TurnListener {
  readonly #writer: SqliteWriter;
  #add: SqliteStatement | undefined;
  /** By budget and start. */
  readonly #moved = new Map<string, Moved>();

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  began(): void {
    this.#moved.clear();
  }

  /** Adds what a request has used to the windows it was admitted in, at the end of the transaction. */
  move(parts: readonly BudgetPart[]): void {
    for (const part of parts) {
      const { budgetId, window } = part;
      const key = `${budgetId} ${window.start}`;
      const moved = this.#moved.get(key);
      if (moved === undefined) this.#moved.set(key, { budgetId, window, used: part });
      else moved.used = plus(moved.used, part);
    }
  }

  /** Of budgets that are gone nothing is kept. */
  ending(): void {
    if (this.#moved.size === 0) return;
    this.#add ??= this.#writer.prepare(
      "insert into budget_windows (budget_id, starts_at, ends_at, spent_units, spent_pico, spent_tokens, spent_requests) " +
        "select ?, ?, ?, ?, ?, ?, ? from budgets where id = ? " +
        "on conflict (budget_id, starts_at) do update set " +
        SPENT_ADDED,
    );
    for (const { budgetId, window, used } of this.#moved.values()) {
      this.#add.execute([
        budgetId,
        BigInt(window.start),
        window.end === undefined ? null : BigInt(window.end),
        used.pico / PICO_PER_UNIT,
        used.pico % PICO_PER_UNIT,
        BigInt(used.tokens),
        BigInt(used.requests),
        budgetId,
      ]);
    }
    this.#moved.clear();
  }
}
