import type { TrafficOwner } from "../../telemetry/traffic.ts";

/** Requests of one owner that ended in one minute on one node. */
export interface TrafficTable {
  level: TrafficOwner["level"];
  owner_id: string;
  /** Epoch milliseconds of its beginning. */
  minute: bigint;
  node_id: string;
  completed: bigint;
  client_gone: bigint;
  failed: bigint;
  refused: bigint;
  /** JSON lists of pairs: which span, and how many. */
  latencies: string;
  first_contents: string;
}
