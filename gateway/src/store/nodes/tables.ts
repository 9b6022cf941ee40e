/** One start of one process, where several share the store. */
export interface NodesTable {
  id: string;
  /** Name of the machine. */
  host: string;
  version: string;
  /** What it does: `SCAIGRID_MODE`. */
  mode: string;
  /** By the node's clock. */
  started_at: bigint;
  /** By the store's clock. */
  heard_at: bigint;
  /** By the node's clock: what settled there before is in the store. */
  flushed_at: bigint;
  /** Number of the last row of its journal that the store has. */
  last_seq: bigint;
  closed_at: bigint | null;
}

/** A row of a node's journal that the store will not take. */
export interface QuarantinedRowsTable {
  node_id: string;
  seq: bigint;
  body: string;
  reason: string;
  at: bigint;
}

/** Which node does what one does for all. */
export interface DutiesTable {
  name: string;
  node_id: string;
  /** By the store's clock: then another node may take it. */
  until: bigint;
}
