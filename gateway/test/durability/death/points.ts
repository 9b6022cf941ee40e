/** Where a process is made to die, in the words of the life of a request. `deaths.ts` puts them into its code. */
export const DEATHS = {
  // The pipeline, from boundary to boundary.
  admitted: "1 admit: let in, nobody is known",
  authenticated: "2 authenticate: known, nothing is counted",
  limited: "3 limit: counted, the body is not read",
  parsed: "4 parse: read, not allowed",
  authorised: "5 authorise: allowed, no backend is chosen",
  planned: "6 plan: a backend and a price, no prompt",
  prepared: "7 prepare: the prompt is built, nothing is set aside",
  setAside: "8 hold: set aside, no intent",
  intentBegun: "8 hold: half of the intent's line is written",
  intentWritten: "8 hold: the intent is written, nobody is told",
  held: "8 hold: held, nothing is sent",
  attempted: "9 attempt: an upstream has begun to answer, nothing is relayed",
  relaying: "10 relay: content is about to go down",
  relayed: "10 relay: content has gone down",
  settling: "11 settle: decided, nothing is written",
  settlementWritten: "11 settle: written, not committed",
  settlementCommitted: "11 settle: committed, nobody is told",
  settled: "11 settle: settled, the last byte is not sent",
  recorded: "12 record: settled, the trace is not written",
  // Holds in a store that nodes share.
  holdsSent: "holds: sent to the store, not answered",
  holdsAnswered: "holds: set aside in the store, nobody is told",
  // Checkpoints.
  checkpointing: "checkpoint: gathered, not written",
  checkpointWritten: "checkpoint: written, not committed",
  checkpointed: "checkpoint: committed",
  // From the journal into a store that nodes share.
  batchRead: "flush: a batch is read, not sent",
  batchSent: "flush: a batch is sent, not answered",
  batchAnswered: "flush: the store has a batch, the node does not know",
  acknowledging: "flush: a batch is answered, not noted",
  acknowledgementWritten: "flush: the answer is noted, not committed",
  acknowledged: "flush: the answer is noted",
  // What a start does for the process before it.
  intentsWanted: "recovery: what is open is not read",
  intentsRead: "recovery: what is open is read, nothing is settled",
  journalClosing: "end of a journal: about to be closed",
  journalClosed: "end of a journal: closed",
  booking: "ledger: a run is summed up, not written",
  bookingSent: "ledger: a run is being written",
  booked: "ledger: a run is written, nobody is told",
  nodeClosing: "end of a node: about to be closed in the store",
  nodeClosed: "end of a node: closed in the store",
} as const;

export type Death = keyof typeof DEATHS;

/** What the process is doing by then: its own work, that of the one before it, or its own end. */
export type Phase = "serving" | "starting" | "stopping";

export interface Point {
  readonly phase: Phase;
  readonly death: Death;
  /** Passes of the point that the process may survive at most. */
  readonly passes: number;
  /** Where the journal is not the store. */
  readonly sharedOnly: boolean;
  /** Whether every run of the tests dies here; the others are for `npm run test:kills`. */
  readonly always: boolean;
}

function point(phase: Phase, death: Death, passes: number, more: Partial<Point> = {}): Point {
  return { phase, death, passes, sharedOnly: false, always: false, ...more };
}

const SHARED = { sharedOnly: true };
const ALWAYS = { always: true };

export const POINTS: readonly Point[] = [
  point("serving", "admitted", 10),
  point("serving", "authenticated", 10),
  point("serving", "limited", 10),
  point("serving", "parsed", 10),
  point("serving", "authorised", 10),
  point("serving", "planned", 10),
  point("serving", "prepared", 10),
  point("serving", "setAside", 10, ALWAYS),
  point("serving", "intentBegun", 3),
  point("serving", "intentWritten", 3),
  point("serving", "held", 10),
  point("serving", "attempted", 10),
  point("serving", "relaying", 60),
  point("serving", "relayed", 60),
  point("serving", "settling", 10),
  point("serving", "settlementWritten", 10),
  point("serving", "settlementCommitted", 4, ALWAYS),
  point("serving", "settled", 10),
  point("serving", "recorded", 10),
  point("serving", "holdsSent", 3, SHARED),
  point("serving", "holdsAnswered", 3, SHARED),
  point("serving", "checkpointing", 2),
  point("serving", "checkpointWritten", 2),
  point("serving", "checkpointed", 2, ALWAYS),
  point("serving", "batchRead", 3, SHARED),
  point("serving", "batchSent", 3, SHARED),
  point("serving", "batchAnswered", 3, { ...SHARED, ...ALWAYS }),
  point("serving", "acknowledging", 3, SHARED),
  point("serving", "acknowledgementWritten", 3, SHARED),
  point("serving", "acknowledged", 3, SHARED),
  point("starting", "intentsWanted", 1),
  point("starting", "intentsRead", 1),
  point("starting", "settling", 8),
  point("starting", "settlementWritten", 8, ALWAYS),
  point("starting", "settlementCommitted", 1),
  point("starting", "settled", 8),
  point("starting", "journalClosing", 1, SHARED),
  point("starting", "journalClosed", 1, SHARED),
  point("starting", "batchRead", 1, SHARED),
  point("starting", "batchSent", 1, SHARED),
  point("starting", "batchAnswered", 1, SHARED),
  point("starting", "acknowledged", 1, SHARED),
  point("starting", "nodeClosing", 1, SHARED),
  point("starting", "nodeClosed", 1, SHARED),
  point("stopping", "settled", 8),
  point("stopping", "booking", 1),
  point("stopping", "bookingSent", 1, SHARED),
  point("stopping", "booked", 1, ALWAYS),
  point("stopping", "journalClosing", 1),
  point("stopping", "journalClosed", 1),
  point("stopping", "batchSent", 1, SHARED),
  point("stopping", "nodeClosing", 1, SHARED),
  point("stopping", "nodeClosed", 1, SHARED),
];
