import { hostname } from "node:os";
import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { VERSION } from "../base/version.ts";
import { within } from "../base/within.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { ShareRows } from "../store/limits/share-rows.ts";
import { SharedHolds } from "../store/budgets/shared-holds.ts";
import { PostgresBooks } from "../store/ledger/postgres-books.ts";
import { Duty } from "../store/nodes/duty.ts";
import { type Heard, type NodeMode, Nodes, type NodeStart } from "../store/nodes/nodes.ts";
import { openPostgresStore, type PostgresStore, type PostgresStoreOptions } from "../store/postgres/open.ts";
import { adoptJournals, type Adopted, type AdoptOptions } from "./local/adopt.ts";
import { type JournalFile, type JournalFiles, openJournalFile } from "./local/file.ts";
import { Flusher, type Refused } from "./local/flusher.ts";
import { Outbox } from "./local/outbox.ts";
import type { Records, SharedRecords, Upkeep } from "./records.ts";
import { SqliteJournal } from "./sqlite-journal.ts";
import { TraceSender } from "./trace-sender.ts";

const FLUSH_MS = 200;
const BEAT_MS = 1_000;
const FORGET_MS = 60_000;
const DUTY_MS = 2_000;
/** The longest a query of usage waits for this node's own settlements to be in the store. */
const AS_OF_WAIT_MS = 500;
/** The longest a stop waits for the store to take the journal; what is left is for the next start. */
const CLOSE_WAIT_MS = 5_000;

export interface PostgresRecordsOptions extends PostgresStoreOptions, JournalFiles {
  /** Hears of journal rows that the store will not take. */
  readonly onRefused: (refused: Refused & { readonly nodeId: string }) => void;
  /** Only what does more than serve takes duties. */
  readonly mode: NodeMode;
}

/** Opens the store, this node's own journal and the way between them. Throws DatabaseUnusable, SchemaTooNew. */
export async function openPostgresRecords(options: PostgresRecordsOptions): Promise<Records> {
  const store = await openPostgresStore(options);
  const node: NodeStart = {
    id: newId("node", options.clock.now()),
    startedAt: options.clock.now(),
    version: VERSION,
    host: hostname(),
    mode: options.mode,
  };
  const file = openJournalFile(node.id, options);
  if (file === undefined)
    throw new Error(`the journal of the new node ${node.id} is held by another process`);
  const records = new PostgresRecords(options, store, node, file);
  await records.register();
  return records;
}

/** What a node keeps when the store is PostgreSQL. */
class PostgresRecords implements Records {
  readonly store: PostgresStore;
  readonly journal: SqliteJournal;
  readonly traces: TraceSender;
  readonly books: PostgresBooks;
  readonly shared: SharedRecords;
  readonly upkeep: readonly Upkeep[];
  readonly #clock: Clock;
  readonly #node: NodeStart;
  readonly #nodes: Nodes;
  readonly #file: JournalFile;
  readonly #outbox: Outbox;
  readonly #flusher: Flusher;
  readonly #onFailure: (message: string) => void;
  readonly #duty: Duty | undefined;
  readonly #adopting: Omit<AdoptOptions, "settle">;
  readonly #closed = Promise.withResolvers<void>();
  #heard: Heard | undefined;

  constructor(options: PostgresRecordsOptions, store: PostgresStore, node: NodeStart, file: JournalFile) {
    const { clock, onFailure, onRefused } = options;
    this.#clock = clock;
    this.#node = node;
    this.#file = file;
    this.#onFailure = onFailure;
    this.store = store;
    const nodes = (this.#nodes = new Nodes(store.run));
    this.books = new PostgresBooks(store.run);
    const duty = node.mode === "http" ? undefined : new Duty(store.run, node.id, clock);
    this.#duty = duty;
    this.shared = this.#asShared();
    this.#outbox = new Outbox(file.writer, clock);
    this.journal = new SqliteJournal({
      writer: file.writer,
      clock,
      nodeId: node.id,
      intents: file.intents,
      settlements: this.#outbox,
    });
    this.#flusher = new Flusher({
      outbox: this.#outbox,
      nodes,
      node,
      clock,
      onRefused: (refused) => onRefused({ ...refused, nodeId: node.id }),
    });
    this.traces = new TraceSender({
      run: store.run,
      onFailure: (error) => onFailure(`request traces were not written: ${String(error)}`),
    });
    this.#adopting = { files: options, nodes, node, clock, onFailure, onRefused, closed: new Map() };
    this.upkeep = [
      { name: "flush", everyMs: FLUSH_MS, run: () => this.#flusher.flush() },
      { name: "heartbeat", everyMs: BEAT_MS, run: () => this.#beat() },
      { name: "journal upkeep", everyMs: FORGET_MS, run: () => this.#forget() },
      ...(duty ? [{ name: "duty", everyMs: DUTY_MS, run: () => duty.take() }] : []),
    ];
  }

  async register(): Promise<void> {
    await this.#flusher.register();
    await this.#duty?.take();
  }

  onDuty(): boolean {
    return this.#duty?.held ?? false;
  }

  #asShared(): SharedRecords {
    const { id } = this.#node;
    return {
      holds: new SharedHolds(this.store.run, this.store.prompt),
      nodeId: id,
      liveNodes: () => [...(this.#heard?.others ?? []), id].toSorted(),
      shareRows: new ShareRows(this.store.run),
      quarantined: () => this.#heard?.quarantined ?? 0,
      storeStart: () => this.#heard?.storeStart,
      resend: () => this.#resend(),
      closed: this.#closed.promise,
    };
  }

  async recover(settle: AdoptOptions["settle"]): Promise<number> {
    const adopted: readonly Adopted[] = await adoptJournals({ ...this.#adopting, settle });
    return adopted.reduce((sum, { settled }) => sum + settled, 0);
  }

  async committed(): Promise<void> {
    await this.journal.committed();
    await this.#flusher.flush();
  }

  async usageAsOf(): Promise<number> {
    const late = (): Error => new StoreUnavailable(`the journal was not flushed within ${AS_OF_WAIT_MS} ms`);
    // Not in time, or not at all: then the instant is an earlier one.
    await within(AS_OF_WAIT_MS, this.#flusher.flush(), late).catch(() => undefined);
    return Math.min(
      this.#flusher.flushedAt,
      this.#heard?.othersFlushedAt ?? Number.POSITIVE_INFINITY,
      this.#clock.now(),
    );
  }

  lagMs(): number {
    return Math.max(0, this.#clock.now() - this.#flusher.flushedAt);
  }

  follow(heard: () => void): Promise<() => Promise<void>> {
    return this.store.follow(heard);
  }

  async close(): Promise<void> {
    await this.journal.close();
    await Promise.all([this.traces.close(), this.#deliver()]);
    await this.store.close();
    await this.#file.close();
  }

  /**
   * The rest of the journal, and the end of the node, where the store takes them in time. While an intent is open what
   * it holds must stay held: then the node is left to whoever adopts its journal.
   */
  async #deliver(): Promise<void> {
    try {
      const late = (): Error => new StoreUnavailable(`no end of it within ${CLOSE_WAIT_MS} ms`);
      await within(CLOSE_WAIT_MS, this.#flusher.flush(), late);
      const open = this.#file.intents.open();
      if (open > 0)
        this.#onFailure(`requests not settled, which wait in the data folder for the next start: ${open}`);
      else await within(CLOSE_WAIT_MS, this.#nodes.close(this.#node.id), late);
      if (this.#duty?.held === true) await within(CLOSE_WAIT_MS, this.#duty.leave(), late);
    } catch (error) {
      this.#onFailure(`the journal waits in the data folder for the next start: ${String(error)}`);
    }
  }

  async #beat(): Promise<void> {
    this.#heard = await this.#nodes.beat(this.#node.id, this.#flusher.flushedAt);
    if (this.#heard.isClosed) this.#closed.resolve();
    if (!this.#heard.isKnown) await this.#flusher.register();
  }

  async #resend(): Promise<void> {
    this.#adopting.closed.clear();
    await this.#flusher.register();
    await this.#flusher.flush();
  }

  async #forget(): Promise<void> {
    while (this.#outbox.forget(this.#flusher.acknowledged)) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
