import { type ColumnDefinitionBuilder, type CreateTableBuilder, sql } from "kysely";

export type Engine = "sqlite" | "postgres";

/** A column that is never null. */
export const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();

/** The words for a kind of column on one engine. */
export class Columns {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Strict SQLite tables know INTEGER only; it holds the same 64 bits. */
  get integer(): "integer" | "bigint" {
    return this.#engine === "sqlite" ? "integer" : "bigint";
  }

  /** Closes a table: on SQLite types are enforced, and rows lie in the primary key's own tree. */
  end<T extends string, C extends string>(table: CreateTableBuilder<T, C>): CreateTableBuilder<T, C> {
    return this.#engine === "sqlite" ? table.modifyEnd(sql`strict, without rowid`) : table;
  }

  /**
   * Closes a table that every request writes: on SQLite its rows are appended in the order they come, and indexes
   * hold a short row number instead of the id (settling a request 7 % cheaper, the file 14 % smaller).
   */
  endAppended<T extends string, C extends string>(table: CreateTableBuilder<T, C>): CreateTableBuilder<T, C> {
    return this.#engine === "sqlite" ? table.modifyEnd(sql`strict`) : table;
  }
}
