import type { DiskState } from "../../limits/disk-reserve.ts";

/** What a process knows of itself, without a look at the store. */
export interface NodeState {
  readonly engine: "sqlite" | "postgres";
  /** Where several share the store. */
  readonly nodeId?: string;
  readonly host: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Those of `/health/ready`. */
  readonly checks: Readonly<Record<string, string>>;
  readonly accepting: boolean;
  readonly inFlight: number;
  readonly streams: number;
  /** Requests that wait for a place. */
  readonly waiting: number;
  /** Of the journal's rows, those that are not on their way yet. */
  readonly journalPending: number;
  /** Milliseconds since all that had settled here was in the store. */
  readonly accountingLagMs: number;
  /** Settlements that the store would not take, and on which nobody has decided. */
  readonly quarantined: number;
  /** Differences between what requests come to and the ledger, the sums and the budgets, as of the last look. */
  readonly drifts: number;
  /** Rows of prices that are none. */
  readonly unreadablePrices: number;
  readonly memoryBytes: number;
  /** Room on the disk of the data folder; the bytes are undefined until somebody has looked. */
  readonly disk: {
    readonly state: DiskState;
    readonly freeBytes: number | undefined;
    readonly reserveBytes: number;
  };
  /** What the store holds; undefined until somebody has looked. 0 = no limit. */
  readonly store: {
    readonly bytes: number | undefined;
    readonly maxBytes: number;
    readonly isOver: boolean;
  };
  /** What there is too much of, while inference is refused for it. */
  readonly strain?: string;
  readonly circuits: { readonly open: number; readonly backends: number };
}
