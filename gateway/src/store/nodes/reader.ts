import { optionalNumber, present } from "../rows.ts";
import type { Reader } from "../store.ts";

/** A node as the store knows it; instants in epoch milliseconds. */
export interface StoredNode {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly startedAt: number;
  readonly heardAt: number;
  readonly closedAt?: number;
  /** Rows of its journal that were set aside. */
  readonly quarantined: number;
}

/** Nodes, newest first. */
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
    .orderBy("id", "desc")
    .limit(page.limit);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.execute()).map((row) => ({
    id: row.id,
    host: row.host,
    version: row.version,
    startedAt: Number(row.started_at),
    heardAt: Number(row.heard_at),
    ...present({ closedAt: optionalNumber(row.closed_at) }),
    quarantined: Number(row.quarantined ?? 0n),
  }));
}
