/** What the gauges read, and what keeps strangers' words out of the labels. */
export interface MetricSources {
  isKnownModel(slug: string): boolean;
  /** Calls in flight by backend id. */
  backendInflight(): Iterable<readonly [backendId: string, calls: number]>;
  /** Every backend: its circuit and its health. */
  backendHealth(): Iterable<{
    readonly backendId: string;
    readonly circuit: "closed" | "half_open" | "open";
    readonly health: "healthy" | "degraded" | "unhealthy";
  }>;
  streamsOpen(): number;
  /** Answers that are read on after their callers have left. */
  readOn(): number;
  /** Rows that wait for a commit. */
  journalPending(): number;
  /** Seconds by which the store may be behind what has settled on this node; absent where it never is. */
  accountingLagSeconds?: () => number;
  /** Settlements that the store would not take, and on which nobody has decided; absent where there are none ever. */
  quarantinedRows?: () => number;
  /** Differences between what requests come to and what was made of them. */
  accountingDrifts(): number;
  /** How often the store has been asked. */
  storeUse(): { readonly reads: number; readonly commits: number };
  /** Inference requests that have a place. */
  inFlight(): number;
  /** Inference requests that wait for one. */
  waiting(): number;
  /** Bytes of the large request bodies in flight. */
  bodyBytes(): number;
  diskFree(): number;
  /** Bytes that the store holds. */
  storeBytes(): number;
}
