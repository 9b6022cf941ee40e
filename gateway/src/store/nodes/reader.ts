import { sql } from "kysely";
import { optionalNumber, present } from "../rows.ts";
import type { Reader } from "../store.ts";

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
  /** Rows of its journal that were set aside. */
  readonly quarantined: number;
}

/** What only an engine that nodes share is asked. */
const NOW = sql.raw<bigint>("(extract(epoch from clock_timestamp()) * 1000)::bigint");

/** Nodes of a store that several share, newest first. */
export async function listNodes(
  read: Reader,
  page: { readonly limit: number; readonly beforeId?: string },
): Promise<StoredNode[]> {
  let query = read
    .selectFrom("nodes")
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom("quarantined_rows")
        .select((inner) => inner.fn.countAll<bigint>().as("count"))
        .whereRef("quarantined_rows.node_id", "=", "nodes.id")
        .as("quarantined"),
    )
    .select(sql<bigint>`${NOW} - heard_at`.as("silent_ms"))
    .orderBy("id", "desc")
    .limit(page.limit);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.execute()).map((row) => ({
    id: row.id,
    host: row.host,
    version: row.version,
    mode: row.mode,
    startedAt: Number(row.started_at),
    heardAt: Number(row.heard_at),
    silentMs: Number(row.silent_ms),
    ...present({ closedAt: optionalNumber(row.closed_at) }),
    quarantined: Number(row.quarantined ?? 0n),
  }));
}
