import { PICO_PER_UNIT } from "../base/money.ts";
import type { BudgetPart } from "../core/budget.ts";
import { SPENT_ADDED } from "../store/budgets/spent.ts";
import type { SqliteStatement } from "../store/sqlite/connection.ts";
import type { SqliteWriter } from "../store/sqlite/writer.ts";

/** What budgets have spent, moved in the transaction of the settlement that spent it. */
export class BudgetCounters {
  readonly #writer: SqliteWriter;
  #add: SqliteStatement | undefined;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  /** Adds what a request has used to the windows it was admitted in. Of budgets that are gone nothing is kept. */
  move(parts: readonly BudgetPart[]): void {
    this.#add ??= this.#writer.prepare(
      "insert into budget_windows (budget_id, starts_at, ends_at, spent_units, spent_pico, spent_tokens, spent_requests) " +
        "select ?, ?, ?, ?, ?, ?, ? from budgets where id = ? " +
        "on conflict (budget_id, starts_at) do update set " +
        SPENT_ADDED,
    );
    for (const { budgetId, window, pico, tokens, requests } of parts) {
      this.#add.execute([
        budgetId,
        BigInt(window.start),
        window.end === undefined ? null : BigInt(window.end),
        pico / PICO_PER_UNIT,
        pico % PICO_PER_UNIT,
        BigInt(tokens),
        BigInt(requests),
        budgetId,
      ]);
    }
  }
}
