import type { Clock } from "../../base/clock.ts";
import { rowJson } from "../../store/row-json.ts";
import type { SqliteStatement } from "../../store/sqlite/connection.ts";
import type { SqliteWriter } from "../../store/sqlite/writer.ts";
import { usageRow } from "../../store/usage/record.ts";
import type { Settlement } from "../../core/accounting.ts";
import type { Settlements } from "../sqlite-journal.ts";

/** Rows and characters of one batch. */
const BATCH_ROWS = 500;
const BATCH_CHARS = 1_000_000;
/** Rows that the store has are kept for a day, should it lose them, and no more of them than this (some 200 MB). */
export const KEPT_MS = 86_400_000;
const KEPT_ROWS = 200_000n;
/** Rows of one step of deleting: about a millisecond of the event loop. */
const DELETE_ROWS = 500n;

/** A settlement in the journal: its place in the order, and the row of `usage` it becomes, as JSON. */
export interface OutboxRow {
  readonly seq: bigint;
  readonly requestId: string;
  readonly body: string;
}

/** The settlements of a local journal, in the order in which they go to the store. */
export class Outbox implements Settlements {
  readonly #writer: SqliteWriter;
  readonly #clock: Clock;
  readonly #insert: SqliteStatement;
  readonly #find: SqliteStatement;
  readonly #after: SqliteStatement;
  readonly #last: SqliteStatement;
  readonly #putFact: SqliteStatement;
  readonly #fact: SqliteStatement;
  readonly #oldest: SqliteStatement;
  readonly #delete: SqliteStatement;

  constructor(writer: SqliteWriter, clock: Clock) {
    this.#writer = writer;
    this.#clock = clock;
    this.#insert = writer.prepare(
      "insert into settlements (request_id, at, body) values (?, ?, ?) on conflict do nothing",
    );
    this.#find = writer.prepare("select 1 from settlements where request_id = ?");
    this.#after = writer.prepare(
      "select seq, request_id, body from settlements where seq > ? order by seq limit ?",
    );
    this.#last = writer.prepare("select max(seq) as seq from settlements");
    this.#putFact = writer.prepare("insert or replace into facts (name, value) values (?, ?)");
    this.#fact = writer.prepare("select value from facts where name = ?");
    this.#oldest = writer.prepare("select seq, at from settlements order by seq limit ?");
    this.#delete = writer.prepare("delete from settlements where seq <= ?");
  }

  /** Settlements become rows of this journal. */
  keep(settlement: Settlement): () => void {
    const { requestId } = settlement.intent;
    const row = [requestId, BigInt(settlement.settledAt), rowJson(usageRow(settlement))];
    return () => void this.#insert.run(row);
  }

  has(requestId: string): boolean {
    return this.#find.all([requestId]).length > 0;
  }

  /** The next rows behind that number, as many as make a batch. */
  after(seq: bigint): readonly OutboxRow[] {
    const rows: OutboxRow[] = [];
    let chars = 0;
    for (const row of this.#after.iterate([seq, BigInt(BATCH_ROWS)])) {
      const body = String(row["body"]);
      rows.push({ seq: BigInt(String(row["seq"])), requestId: String(row["request_id"]), body });
      chars += body.length;
      if (chars > BATCH_CHARS) break;
    }
    return rows;
  }

  /** Number of the last row; 0 when there is none. */
  last(): bigint {
    const seq = this.#last.all([])[0]?.["seq"];
    return typeof seq === "bigint" ? seq : 0n;
  }

  /** Notes how far the store has taken the rows. Throws StoreUnavailable. */
  acknowledged(seq: bigint): void {
    this.#writer.transact(() => {
      this.#putFact.run(["acknowledged", seq]);
      this.#putFact.run(["acknowledged_at", BigInt(this.#clock.now())]);
    });
  }

  /** How far the store had taken the rows when that was last noted, and when (epoch milliseconds) that was. */
  acknowledgement(): { readonly seq: bigint; readonly at: number } | undefined {
    const seq = this.#factOf("acknowledged");
    const at = this.#factOf("acknowledged_at");
    return seq === undefined || at === undefined ? undefined : { seq, at: Number(at) };
  }

  /**
   * Deletes some of the rows up to `seq`, which the store has, that need not be kept any longer. Says whether there
   * may be more. Throws StoreUnavailable.
   */
  forget(seq: bigint): boolean {
    const before = BigInt(this.#clock.now() - KEPT_MS);
    let doomed: bigint | undefined;
    let count = 0n;
    for (const row of this.#oldest.all([DELETE_ROWS])) {
      const { seq: number, at } = row;
      if (typeof number !== "bigint" || typeof at !== "bigint" || number > seq) break;
      if (at >= before && number > seq - KEPT_ROWS) break;
      doomed = number;
      count++;
    }
    if (doomed === undefined) return false;
    const last = doomed;
    this.#writer.transact(() => this.#delete.run([last]));
    return count === DELETE_ROWS;
  }

  #factOf(name: string): bigint | undefined {
    const value = this.#fact.all([name])[0]?.["value"];
    return typeof value === "bigint" ? value : undefined;
  }
}
