import { type RawBuilder, sql } from "kysely";
import { settleClaims } from "../idempotency/claims.ts";
import { build, type Write } from "../write.ts";
import { LAST_TURN } from "./life-functions.ts";

/** The clock of a store that nodes share, epoch milliseconds. */
const NOW = sql<bigint>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/**
 * Closes a node in its absence: it is refused every further hold, and what it holds stays counted as retired. Its turn
 * is taken first: whatever it was about to set aside is there by then, or never will be. Conflicts: `stale` where it is
 * closed already.
 */
export function retireNode(id: string): Write[] {
  const turn = build
    .updateTable("node_turns")
    .set({ number: LAST_TURN })
    .where("node_id", "=", id)
    .where("number", "<", LAST_TURN);
  const node = build.updateTable("nodes").set({ closed_at: NOW, retired_at: NOW }).where("id", "=", id);
  const holds = build.selectNoFrom(sql`scaigrid_retire_holds(${id})`.as("count"));
  return [
    { statement: turn, about: "node", expectRows: 1, otherwise: "stale" },
    { statement: node, about: "node", expectRows: 1 },
    { statement: holds, about: "budget_window" },
    ...settleClaims(id),
  ];
}

/** Frees what a retired node holds. Conflicts: `stale` where it is not retired. */
export function forgiveNode(id: string): Write[] {
  const node = build
    .updateTable("nodes")
    .set({ retired_at: sql<bigint>`retired_at` })
    .where("id", "=", id)
    .where("retired_at", "is not", null);
  const holds = build.selectNoFrom(sql`scaigrid_forgive_holds(${id})`.as("count"));
  return [
    { statement: node, about: "node", expectRows: 1, otherwise: "stale" },
    { statement: holds, about: "budget_window" },
  ];
}

/** Notes that a node is told of as lost. Conflicts: `stale` where it was, or has been heard again. */
export function markLost(id: string, silentMs: number): Write {
  const statement = build
    .updateTable("nodes")
    .set({ lost_at: NOW })
    .where("id", "=", id)
    .where("lost_at", "is", null)
    .where("closed_at", "is", null)
    .where(sql<boolean>`heard_at < ${NOW} - ${BigInt(silentMs)}::bigint`);
  return { statement, about: "node", expectRows: 1, otherwise: "stale" };
}

/** A row of a node's journal that was set aside. */
export interface AsideRow {
  readonly nodeId: string;
  readonly seq: bigint;
}

/** Books such a row as its flush would have. Conflicts: `stale` where it is not set aside any more. */
export function bookAside(row: AsideRow): Write[] {
  return [stillAside(row), decided(sql`scaigrid_book_row(${row.nodeId}, ${row.seq})`)];
}

/** Nobody is charged for such a row: it is booked as absorbed, and what it holds is free. Conflicts: `stale` where it is not set aside any more. */
export function absorbAside(row: AsideRow): Write[] {
  return [stillAside(row), decided(sql`scaigrid_absorb_row(${row.nodeId}, ${row.seq})`)];
}

function stillAside({ nodeId, seq }: AsideRow): Write {
  const statement = build
    .updateTable("quarantined_rows")
    .set({ absorbed_at: null })
    .where("node_id", "=", nodeId)
    .where("seq", "=", seq)
    .where("absorbed_at", "is", null);
  return { statement, about: "quarantined_row", expectRows: 1, otherwise: "stale" };
}

function decided(call: RawBuilder<unknown>): Write {
  return { statement: build.selectNoFrom(call.as("done")), about: "quarantined_row" };
}
