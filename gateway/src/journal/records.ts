import type { RequestTrace } from "../core/trace.ts";
import type { ShareRows } from "../store/limits/share-rows.ts";
import type { SharedHolds } from "../store/budgets/shared-holds.ts";
import type { Books } from "../store/ledger/books.ts";
import type { Store } from "../store/store.ts";
import type { Journal, NodeJournal } from "./journal.ts";

/** Request traces on their way into the store. A trace never makes a request wait or fail. */
export interface Traces {
  /** Queues a trace. */
  record(trace: RequestTrace): void;
  /** Writes all that is waiting now. */
  flush(): Promise<void>;
}

/** A job of the records. */
export interface Upkeep {
  readonly name: string;
  /** Milliseconds from the end of one run to the next. */
  readonly everyMs: number;
  run(): Promise<void>;
}

/** What a node keeps where several share the store. */
export interface SharedRecords {
  readonly nodeId: string;
  /** What all of them set aside in budgets. */
  readonly holds: SharedHolds;
  /**
   * Ids of the nodes that are alive, this one included, in their order: those the store has heard within ten seconds by
   * its own clock, as it said at the last heartbeat that reached it. For shares and messages, never for money.
   */
  liveNodes(): readonly string[];
  /** How the nodes share out limits that run hot. */
  readonly shareRows: ShareRows;
  /** Rows of all journals that the store would not take, and on which nobody has decided. */
  quarantined(): number;
  /** Which start of the database server answered the last heartbeat; undefined before the first. */
  storeStart(): string | undefined;
  /** Sends again what the server lacks of this node's settlements; the journals of others are looked at anew. */
  resend(): Promise<void>;
  /** Resolves once the store says that somebody has closed this node in its absence. */
  readonly closed: Promise<void>;
}

/** Everything a node keeps: the store, its journal, and the way from one to the other. */
export interface Records {
  readonly store: Store;
  readonly journal: NodeJournal;
  readonly traces: Traces;
  /**
   * Hands `settle` every journal in which a former process may have left something open, and sees to it that its
   * settlements reach the store. Returns how many were settled.
   */
  recover(settle: (journal: Journal) => Promise<number>): Promise<number>;
  /** Resolves once what was settled here before the call is in the store. Rejects with StoreUnavailable. */
  committed(): Promise<void>;
  /** Where settled requests are booked. */
  readonly books: Books;
  /** Where nodes share the store. */
  readonly shared?: SharedRecords;
  /** What has to be done again and again while the node runs. */
  readonly upkeep: readonly Upkeep[];
  /**
   * Sees to it that what has settled on this node so far can be queried, if that takes a moment only. Resolves with
   * the instant (epoch milliseconds) up to which the store has what all nodes have settled.
   */
  usageAsOf(): Promise<number>;
  /** Milliseconds since all that had settled on this node was in the store. */
  lagMs(): number;
  /** Whether this process does what is to be done once for the whole installation. */
  onDuty(): boolean;
  /** Calls `heard` whenever another node may have changed the control plane. The returned function ends it. */
  follow(heard: () => void): Promise<() => Promise<void>>;
  /** Commits what is waiting, sees it on its way, and closes. */
  close(): Promise<void>;
}
