/** What the fake knows of one request: the truth the gateway's own records are held against. */
export interface TruthRecord {
  /** Sent back as the answer's id and as `x-request-id`. */
  readonly fakeId: string;
  readonly requestedModel: string;
  /** What it was asked to do, `fake-ok?…`. */
  readonly plan: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed when it is JSON, otherwise the text; cut beyond 64 kB. */
  readonly body: unknown;
  readonly stream: boolean;
  /** Epoch milliseconds. */
  readonly receivedAtMs: number;
  /** Content, reasoning and tool tokens whose bytes went into the socket. */
  tokensSent: number;
  bytesSent: number;
  /** As it was written, lies included; undefined when none was sent. */
  usageReported: unknown;
  /** The whole answer, end included, went into the socket. */
  finished: boolean;
  /** Epoch milliseconds at which the other side closed before the answer was finished. */
  closedByPeerAtMs: number | undefined;
}

/** Sums over all requests, the forgotten ones included. */
export interface TruthTotals {
  readonly requests: number;
  readonly finished: number;
  readonly tokensSent: number;
  readonly bytesSent: number;
  readonly closedByPeer: number;
}

interface Waiter {
  readonly test: (record: TruthRecord) => boolean;
  readonly found: (record: TruthRecord) => void;
}

/** Keeps the last `recordsMax` requests and the sums over all of them. */
export class TruthLog {
  readonly #recordsMax: number;
  #records: TruthRecord[] = [];
  #forgotten = { requests: 0, finished: 0, tokensSent: 0, bytesSent: 0, closedByPeer: 0 };
  readonly #waiters = new Set<Waiter>();

  constructor(recordsMax = 20_000) {
    this.#recordsMax = recordsMax;
  }

  get records(): readonly TruthRecord[] {
    return this.#records;
  }

  add(record: TruthRecord): void {
    this.#records.push(record);
    // Half at a time, so that forgetting costs a constant per request.
    if (this.#records.length > this.#recordsMax) this.#forget(Math.ceil(this.#recordsMax / 2));
    this.changed(record);
  }

  /** Tells whoever waits for this record; called at each step of a request. */
  changed(record: TruthRecord): void {
    for (const waiter of this.#waiters) if (waiter.test(record)) waiter.found(record);
  }

  /** The first record that passes, now or later. Rejects after `timeoutMs`, saying what was being waited for. */
  async waitFor(
    what: string,
    test: (record: TruthRecord) => boolean,
    timeoutMs = 5000,
  ): Promise<TruthRecord> {
    const present = this.#records.find(test);
    if (present) return present;
    const { promise, resolve, reject } = Promise.withResolvers<TruthRecord>();
    const waiter: Waiter = { test, found: resolve };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => reject(new Error(`no ${what} within ${timeoutMs} ms`)), timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  totals(): TruthTotals {
    const totals = { ...this.#forgotten };
    for (const record of this.#records) count(totals, record);
    return totals;
  }

  clear(): void {
    this.#records = [];
    this.#forgotten = { requests: 0, finished: 0, tokensSent: 0, bytesSent: 0, closedByPeer: 0 };
  }

  #forget(howMany: number): void {
    for (const record of this.#records.slice(0, howMany)) count(this.#forgotten, record);
    this.#records = this.#records.slice(howMany);
  }
}

function count(totals: { -readonly [Name in keyof TruthTotals]: number }, record: TruthRecord): void {
  totals.requests++;
  if (record.finished) totals.finished++;
  totals.tokensSent += record.tokensSent;
  totals.bytesSent += record.bytesSent;
  if (record.closedByPeerAtMs !== undefined) totals.closedByPeer++;
}
