import { sql, type SqlBool } from "kysely";
import { optionalNumber, present } from "../rows.ts";
import type { Reader } from "../store.ts";
import type { AsideRow } from "./writer.ts";

/** A node as the store knows it; instants in epoch milliseconds. */
export interface StoredNode {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  /** What it does. */
  readonly mode: string;
  readonly startedAt: number;
  readonly heardAt: number;
  /** Milliseconds since then, by the clock of the store. */
  readonly silentMs: number;
  readonly closedAt?: number;
  /** When it was told of as lost. */
  readonly lostAt?: number;
  /** When somebody closed it in its absence. */
  readonly retiredAt?: number;
  /** Requests for which it has something set aside in budgets. */
  readonly holds: number;
  /** Rows of its journal that were set aside. */
  readonly quarantined: number;
}

/** Nodes, the newest, among which lost ones are looked for. */
const LOOKED_AT = 1_000;
/** What only an engine that nodes share is asked. */
const NOW = sql.raw<bigint>("(extract(epoch from clock_timestamp()) * 1000)::bigint");

/** Nodes of a store that several share, newest first. */
export async function listNodes(
  read: Reader,
  page: { readonly limit: number; readonly beforeId?: string; readonly id?: string },
): Promise<StoredNode[]> {
  let query = read
    .selectFrom("nodes")
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom("quarantined_rows")
        .select((inner) => inner.fn.countAll<bigint>().as("count"))
        .whereRef("quarantined_rows.node_id", "=", "nodes.id")
        .where("absorbed_at", "is", null)
        .as("quarantined"),
    )
    .select((eb) =>
      eb
        .selectFrom("budget_holds")
        .select((inner) => inner.fn.count<bigint>("request_id").distinct().as("count"))
        .whereRef("budget_holds.node_id", "=", "nodes.id")
        .as("holds"),
    )
    .select(sql<bigint>`${NOW} - heard_at`.as("silent_ms"))
    .orderBy("id", "desc")
    .limit(page.limit);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  if (page.id !== undefined) query = query.where("id", "=", page.id);
  return (await query.execute()).map((row) => ({
    id: row.id,
    host: row.host,
    version: row.version,
    mode: row.mode,
    startedAt: Number(row.started_at),
    heardAt: Number(row.heard_at),
    silentMs: Number(row.silent_ms),
    ...present({
      closedAt: optionalNumber(row.closed_at),
      retiredAt: optionalNumber(row.retired_at),
      lostAt: optionalNumber(row.lost_at),
    }),
    holds: Number(row.holds ?? 0n),
    quarantined: Number(row.quarantined ?? 0n),
  }));
}

/** A row of a node's journal that the store would not take, and on which nobody has decided. */
export interface StoredAside extends AsideRow {
  readonly requestId?: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Such rows, by node and number, behind `after`. */
export async function listAside(read: Reader, limit: number, after?: AsideRow): Promise<StoredAside[]> {
  let query = read.selectFrom("quarantined_rows").selectAll().where("absorbed_at", "is", null);
  if (after !== undefined) {
    query = query.where(sql<SqlBool>`(node_id, seq) > (${after.nodeId}, ${after.seq})`);
  }
  return (await query.orderBy("node_id").orderBy("seq").limit(limit).execute()).map((row) => ({
    nodeId: row.node_id,
    seq: row.seq,
    ...present({ requestId: row.request_id }),
    reason: row.reason,
    at: Number(row.at),
  }));
}

/** Nodes of which nobody was told yet that they are neither closed nor heard of for so long. */
export async function newlyLost(read: Reader, silentMs: number): Promise<readonly StoredNode[]> {
  const nodes = await listNodes(read, { limit: LOOKED_AT });
  return nodes.filter(
    (node) => node.closedAt === undefined && node.lostAt === undefined && node.silentMs > silentMs,
  );
}
