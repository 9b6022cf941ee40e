import type { RequestTrace } from "../core/trace.ts";
import type { Store } from "../store/store.ts";
import type { Journal, NodeJournal } from "./journal.ts";

/** Request traces on their way into the store. A trace never makes a request wait or fail. */
export interface Traces {
  /** Queues a trace. */
  record(trace: RequestTrace): void;
  /** Writes all that is waiting now. */
  flush(): Promise<void>;
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
  /** Commits what is waiting, sees it on its way, and closes. */
  close(): Promise<void>;
}
