import type { Booking, Run } from "../../core/ledger.ts";
import type { SqliteStatement, SqliteValue } from "../sqlite/connection.ts";
import type { SqliteWriter } from "../sqlite/writer.ts";
import type { Reader } from "../store.ts";
import { sql } from "kysely";
import type { Books } from "./books.ts";
import { CELL_ADDED, cellRow, movementRows } from "./rows.ts";

/** The books of a store with one connection that writes: the numbers of rows are the order of their commits. */
export class SqliteBooks implements Books {
  readonly #read: Reader;
  readonly #writer: SqliteWriter;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(read: Reader, writer: SqliteWriter) {
    this.#read = read;
    this.#writer = writer;
  }

  async next(rowsMax: number): Promise<Run | undefined> {
    const booked = sql<bigint>`(select coalesce(max(last_seq), 0) from ledger_batches)`;
    const row = await this.#read
      .selectFrom((from) =>
        from
          .selectFrom("usage")
          .select(["seq", "settled_at"])
          .where("seq", ">", booked)
          .orderBy("seq")
          .limit(rowsMax)
          .as("waiting"),
      )
      .select([
        booked.as("after"),
        sql<bigint | null>`max(seq)`.as("last"),
        sql<bigint>`count(*)`.as("rows"),
        sql<bigint | null>`min(settled_at)`.as("since"),
      ])
      .executeTakeFirst();
    if (row === undefined || row.last === null) return undefined;
    const rows = Number(row.rows);
    return { after: row.after, last: row.last, waiting: rows, rows, waitsSince: Number(row.since ?? 0n) };
  }

  async newest(): Promise<bigint> {
    const newest = sql<bigint>`coalesce(max(seq), 0)`.as("seq");
    return (await this.#read.selectFrom("usage").select(newest).executeTakeFirst())?.seq ?? 0n;
  }

  async keep(booking: Booking): Promise<boolean> {
    const { run, bookedAt } = booking;
    const movements = movementRows(booking);
    const cells = booking.cells.map(cellRow);
    return this.#writer.transact(() => {
      const batch = this.#prepared(
        "insert into ledger_batches (last_seq, after_seq, booked_at) select ?, ?, ? " +
          "where (select coalesce(max(last_seq), 0) from ledger_batches) = ?",
      );
      if (batch.run([run.last, run.after, BigInt(bookedAt), run.after]) === 0n) return false;
      for (const row of movements) this.#insert("ledger_movements", row);
      for (const row of cells) this.#insert("usage_cells", row, CELL_ADDED);
      return true;
    });
  }

  #insert<Row extends { [Column in keyof Row]: SqliteValue }>(table: string, row: Row, conflict = ""): void {
    const columns = Object.keys(row);
    const marks = columns.map(() => "?").join(", ");
    const text = `insert into ${table} (${columns.join(", ")}) values (${marks}) ${conflict}`;
    this.#prepared(text).execute(Object.values<SqliteValue>(row));
  }

  #prepared(text: string): SqliteStatement {
    let statement = this.#statements.get(text);
    if (statement === undefined) this.#statements.set(text, (statement = this.#writer.prepare(text)));
    return statement;
  }
}
