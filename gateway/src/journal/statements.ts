import type { SqliteStatement, SqliteValue } from "../store/sqlite/connection.ts";
import type { SqliteWriter } from "../store/sqlite/writer.ts";

/**
 * `insert … on conflict do nothing` for one row type, prepared once: through the query builder a row costs five
 * times as much. Its rows must come from one function, so that their fields always stand in the same order.
 */
export class InsertOnce<Row extends { [Column in keyof Row]: SqliteValue }> {
  readonly #writer: SqliteWriter;
  readonly #table: string;
  #statement: SqliteStatement | undefined;

  constructor(writer: SqliteWriter, table: string) {
    this.#writer = writer;
    this.#table = table;
  }

  run(row: Row): void {
    this.#statement ??= this.#prepare(Object.keys(row));
    this.#statement.execute(Object.values<SqliteValue>(row));
  }

  /** The same where it matters whether the row was there already. */
  isNew(row: Row): boolean {
    this.#statement ??= this.#prepare(Object.keys(row));
    return this.#statement.run(Object.values<SqliteValue>(row)) > 0n;
  }

  #prepare(columns: readonly string[]): SqliteStatement {
    const names = columns.map((column) => `"${column}"`).join(", ");
    const marks = columns.map(() => "?").join(", ");
    return this.#writer.prepare(
      `insert into "${this.#table}" (${names}) values (${marks}) on conflict do nothing`,
    );
  }
}
