import { StoreUnavailable, TooManyRows } from "../errors.ts";
import type { SqliteRow, SqliteValue } from "./connection.ts";
import type { ReaderMessage, ReaderReply } from "./reader-protocol.ts";

export interface ReaderPoolOptions {
  /** The address of `workers/reader.ts`. */
  readonly file: string;
  /** The database. */
  readonly path: string;
  /** Two, so that a look-up by id does not wait behind a long report. */
  readonly threads: number;
  /** Queries waiting for a thread; more are refused. */
  readonly waitingMax: number;
  /** From asking to the answer, waiting included. */
  readonly deadlineMs: number;
  readonly rowsMax: number;
}

export const READER_POOL = { threads: 2, waitingMax: 1_000, deadlineMs: 30_000, rowsMax: 50_000 } as const;

/** How long the end waits for a thread to let go of the database. */
const STOP_WAIT_MS = 2_000;

/** `control` is for what keeps the control plane current: a handful of short look-ups that no report may delay. */
export type ReadPurpose = "ordinary" | "control";

interface Query {
  readonly purpose: ReadPurpose;
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
  readonly resolve: (rows: readonly SqliteRow[]) => void;
  readonly reject: (error: Error) => void;
  timer: Timer | undefined;
}

interface Thread {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  running: Query | undefined;
}

/**
 * Runs queries in threads of their own, one at a time each; where all are busy with ordinary ones, those of the
 * control plane get one more. A running statement cannot be interrupted: one that
 * passes its deadline is given up together with its thread, and a new thread takes its place.
 */
export class ReaderPool {
  readonly #options: ReaderPoolOptions;
  readonly #waiting: Readonly<Record<ReadPurpose, Query[]>> = { ordinary: [], control: [] };
  readonly #threads = new Set<Thread>();
  /** Given up, and still busy with their last statement. */
  readonly #abandoned = new Set<Thread>();
  #closed = false;

  constructor(options: ReaderPoolOptions) {
    this.#options = options;
  }

  /** Rejects with StoreUnavailable (deadline, too many waiting, unreadable file) or TooManyRows. */
  query(
    sql: string,
    parameters: readonly SqliteValue[],
    purpose: ReadPurpose = "ordinary",
  ): Promise<readonly SqliteRow[]> {
    const waiting = this.#waiting[purpose];
    const { promise, resolve, reject } = Promise.withResolvers<readonly SqliteRow[]>();
    if (this.#closed) {
      reject(new StoreUnavailable("it is closed"));
    } else if (waiting.length >= this.#options.waitingMax) {
      reject(new StoreUnavailable(`${this.#options.waitingMax} queries are waiting`));
    } else {
      const query: Query = { purpose, sql, parameters, resolve, reject, timer: undefined };
      query.timer = setTimeout(() => this.#expire(query), this.#options.deadlineMs);
      waiting.push(query);
      this.#pump();
    }
    return promise;
  }

  /** Refuses what is waiting, and ends the threads once their running statements have. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of Object.values(this.#waiting)) {
      for (const query of waiting.splice(0)) this.#fail(query, new StoreUnavailable("it is closed"));
    }
    const threads = [...this.#threads, ...this.#abandoned];
    for (const thread of threads) send(thread, { kind: "stop" });
    let timer: Timer | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_WAIT_MS);
    });
    await Promise.race([Promise.all(threads.map((thread) => thread.ended)), tooLong]);
    clearTimeout(timer);
    for (const thread of threads) thread.worker.terminate();
  }

  #pump(): void {
    const { control, ordinary } = this.#waiting;
    for (;;) {
      const waiting = control.length > 0 ? control : ordinary;
      const [query] = waiting;
      const thread = query && this.#free(query.purpose);
      if (query === undefined || thread === undefined) return;
      waiting.shift();
      thread.running = query;
      // An idle thread does not keep the process alive; one with an answer to give does.
      thread.worker.ref();
      const { sql, parameters } = query;
      send(thread, { kind: "query", sql, parameters, maxRows: this.#options.rowsMax });
    }
  }

  #free(purpose: ReadPurpose): Thread | undefined {
    const most = this.#options.threads + (purpose === "control" ? 1 : 0);
    // The thread of the control plane's is not for reports, however idle it is.
    const counted = [...this.#threads].filter(
      ({ running }) => running !== undefined && (purpose === "control" || running.purpose === "ordinary"),
    );
    if (counted.length >= most) return undefined;
    for (const thread of this.#threads) if (thread.running === undefined) return thread;
    // Threads that were given up count: reports that never end must not multiply.
    const total = this.#threads.size + this.#abandoned.size;
    if (this.#threads.size < most && total < most + this.#options.threads) return this.#start();
    return undefined;
  }

  #start(): Thread {
    const worker = new Worker(this.#options.file);
    worker.unref();
    const ended = Promise.withResolvers<void>();
    const thread: Thread = { worker, ended: ended.promise, running: undefined };
    worker.addEventListener("message", (event: MessageEvent<ReaderReply>) =>
      this.#answer(thread, event.data),
    );
    worker.addEventListener("error", (event) => this.#lost(thread, event.message));
    worker.addEventListener("close", () => {
      this.#lost(thread, "its thread has ended");
      ended.resolve();
    });
    this.#threads.add(thread);
    send(thread, { kind: "open", path: this.#options.path });
    return thread;
  }

  #answer(thread: Thread, reply: ReaderReply): void {
    if (reply.kind === "ready") return;
    if (this.#abandoned.has(thread)) {
      send(thread, { kind: "stop" });
      return;
    }
    const query = thread.running;
    thread.running = undefined;
    thread.worker.unref();
    if (query !== undefined) this.#settle(query, reply);
    this.#pump();
  }

  #settle(query: Query, reply: Exclude<ReaderReply, { kind: "ready" }>): void {
    clearTimeout(query.timer);
    switch (reply.kind) {
      case "rows":
        query.resolve(reply.rows);
        return;
      case "too_many_rows":
        query.reject(new TooManyRows(this.#options.rowsMax));
        return;
      case "failed":
        query.reject(reply.unavailable ? new StoreUnavailable(reply.message) : new Error(reply.message));
    }
  }

  #fail(query: Query, error: Error): void {
    clearTimeout(query.timer);
    query.reject(error);
  }

  #expire(query: Query): void {
    const waiting = this.#waiting[query.purpose];
    const position = waiting.indexOf(query);
    if (position >= 0) waiting.splice(position, 1);
    for (const thread of this.#threads) {
      if (thread.running !== query) continue;
      this.#threads.delete(thread);
      this.#abandoned.add(thread);
    }
    this.#fail(query, new StoreUnavailable(`no answer within ${this.#options.deadlineMs} ms`));
    this.#pump();
  }

  #lost(thread: Thread, reason: string): void {
    this.#abandoned.delete(thread);
    this.#threads.delete(thread);
    const query = thread.running;
    thread.running = undefined;
    if (query !== undefined) this.#fail(query, new StoreUnavailable(reason));
    if (!this.#closed) this.#pump();
  }
}

function send(thread: Thread, message: ReaderMessage): void {
  thread.worker.postMessage(message);
}
