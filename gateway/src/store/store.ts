import type { Kysely } from "kysely";
import type { Conclude } from "./recording/capture.ts";
import type { Schema } from "./schema.ts";
import type { StoreUse } from "./use.ts";
import type { Write } from "./write.ts";

/** Reads only: no way to begin a transaction or to change a row. */
export type Reader = Pick<Kysely<Schema>, "selectFrom" | "with" | "fn">;

/** The database, on either engine. */
export interface Store {
  readonly engine: "sqlite" | "postgres";
  /**
   * Queries through it never stop the event loop: on SQLite they run in worker threads. They reject with
   * StoreUnavailable (outage, deadline, too many waiting) and TooManyRows.
   */
  readonly read: Reader;
  /** The same for what keeps the control plane current: reports do not stand in its way. */
  readonly control: Reader;
  /**
   * Gives `work` a reader that is several times as fast for whole tables; on SQLite it stops the event loop: for a
   * start, while nothing is served.
   */
  readAtStart<T>(work: (read: Reader) => Promise<T>): Promise<T>;
  /** How often it has been asked: for metrics. */
  readonly use: Readonly<Pick<StoreUse, "reads" | "commits">>;
  /**
   * All of the statements or none. Rejects with WriteConflict when one does not fit what is stored, with
   * StoreUnavailable when the store cannot be written. `conclude` is told what the statements have done to recorded
   * rows and gives those that end the same transaction: the audit row, the events.
   */
  commit(writes: readonly Write[], conclude?: Conclude): Promise<void>;
  close(): Promise<void>;
}
