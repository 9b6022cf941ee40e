import type { Generated } from "kysely";

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
  /** When somebody closed it in its absence: what it holds is counted under the windows' `retired`. */
  retired_at: Generated<bigint | null>;
  /** When it was told of as lost; null once it is heard again. */
  lost_at: Generated<bigint | null>;
}

/** How far the journal of a node had been taken whose row is gone: it may come back after what it sent was deleted. */
export interface ForgottenNodesTable {
  id: string;
  last_seq: bigint;
}

/** The number of the last statement by which a node has moved what it holds; the largest there is once it is closed. */
export interface NodeTurnsTable {
  node_id: string;
  number: bigint;
}

/** A start of the database server, as the nodes have seen it. */
export interface StoreStartsTable {
  /** When the server began, and the timeline of its log. */
  id: string;
  seen_at: bigint;
  /** Nodes heard since then are waited for. */
  since: bigint;
  /** When budgets that block were open to requests again. */
  open_at: bigint | null;
}

/** Which nodes have told a server that has begun anew what they know. */
export interface StoreStartAcksTable {
  start_id: string;
  node_id: string;
}

/** A row of a node's journal that the store will not take. */
export interface QuarantinedRowsTable {
  node_id: string;
  seq: bigint;
  body: string;
  reason: string;
  at: bigint;
  /** Whose settlement it is; null where nobody noted it. */
  request_id: Generated<string | null>;
  /** When it was decided that nobody will be charged for it. */
  absorbed_at: Generated<bigint | null>;
}

/** Which node does what one does for all. */
export interface DutiesTable {
  name: string;
  node_id: string;
  /** By the store's clock: then another node may take it. */
  until: bigint;
}
