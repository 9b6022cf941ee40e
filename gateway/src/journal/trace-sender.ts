import { Rounds } from "../base/rounds.ts";
import { within } from "../base/within.ts";
import type { RequestTrace } from "../core/trace.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { isDataError } from "../store/postgres/fold-error.ts";
import type { RunStatement } from "../store/postgres/open.ts";
import { traceRow } from "../store/requests/row.ts";
import { columnList, columnsOf, rowJson } from "../store/row-json.ts";
import type { Traces } from "./records.ts";

/** Traces that may wait, an outage of the store included; at more, the oldest are dropped and counted. */
const WAITING_MAX = 20_000;
const BATCH_ROWS = 256;
/** The longest a trace waits for company. */
const DELAY_MS = 200;
/** The longest a stop waits for the store to take them. */
const CLOSE_MS = 3_000;

export interface TraceSenderOptions {
  readonly run: RunStatement;
  /** Hears why traces were lost. */
  readonly onFailure: (error: unknown) => void;
}

/** Sends request traces to PostgreSQL in the background. During an outage of the store they wait, up to a limit. */
export class TraceSender implements Traces {
  readonly #run: RunStatement;
  readonly #onFailure: (error: unknown) => void;
  readonly #rounds = new Rounds(() => this.#round());
  #statement: string | undefined;
  #waiting: RequestTrace[] = [];
  #dropped = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor({ run, onFailure }: TraceSenderOptions) {
    this.#run = run;
    this.#onFailure = onFailure;
  }

  record(trace: RequestTrace): void {
    if (this.#closed) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(trace);
    // In bulk: taking one from the front of a long array each time would cost more than sending it.
    if (this.#waiting.length > WAITING_MAX) this.#dropped += this.#waiting.splice(0, BATCH_ROWS).length;
    this.#timer ??= setTimeout(() => this.#send(), DELAY_MS);
  }

  /** Traces pushed out of a full queue, or refused by the store. */
  get dropped(): number {
    return this.#dropped;
  }

  pending(): number {
    return this.#waiting.length;
  }

  /** Rejects with StoreUnavailable: then they go on waiting. */
  flush(): Promise<void> {
    return this.#rounds.run();
  }

  /** Drops (and counts) what comes later. What waits is sent if the store can be reached. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    try {
      const late = (): Error => new StoreUnavailable(`no end of it within ${CLOSE_MS} ms`);
      await within(CLOSE_MS, this.flush(), late);
    } catch (error) {
      this.#dropped += this.#waiting.length;
      this.#onFailure(error);
    }
  }

  #send(): void {
    this.flush().then(
      () => {
        this.#timer = undefined;
      },
      () => {
        // The store's outage is told of elsewhere. What is closed has told what it could not send.
        if (!this.#closed) this.#timer = setTimeout(() => this.#send(), DELAY_MS * 5);
      },
    );
  }

  async #round(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_ROWS);
      try {
        await this.#insert(batch.map((trace) => rowJson(traceRow(trace))));
      } catch (error) {
        this.#waiting.unshift(...batch);
        throw error;
      }
    }
  }

  /** One that the store will not take is dropped, and takes no other with it. */
  async #insert(rows: readonly string[]): Promise<void> {
    this.#statement ??= insertTraces(columnsOf(rows[0] ?? "{}"));
    try {
      await this.#run(this.#statement, [`[${rows.join(",")}]`]);
    } catch (error) {
      if (error instanceof StoreUnavailable || !isDataError(error)) throw error;
      const half = rows.length >> 1;
      if (half === 0) {
        this.#dropped++;
        this.#onFailure(error);
        return;
      }
      await this.#insert(rows.slice(0, half));
      await this.#insert(rows.slice(half));
    }
  }
}

function insertTraces(columns: readonly string[]): string {
  const list = columnList(columns);
  return (
    `insert into requests (${list}) select ${list} ` +
    "from json_populate_recordset(null::requests, $1::text::json) on conflict do nothing"
  );
}
