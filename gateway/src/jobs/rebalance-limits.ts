import type { Clock } from "../base/clock.ts";
import type { Shares } from "../limits/shares.ts";
import type { SharedRecords } from "../journal/records.ts";
import type { ShareRow } from "../limits/share-plan.ts";

/** The limits that nodes keep together. */
export type SharedLimit = "requests" | "tokens" | "concurrency" | "management";

export interface RebalanceDeps {
  readonly clock: Pick<Clock, "monotonic">;
  readonly shares: Readonly<Record<SharedLimit, Shares>>;
  readonly shared: Pick<SharedRecords, "nodeId" | "shareRows">;
}

/**
 * Agrees with the other nodes on this one's shares of the limits that run hot. A node on its own, and one without a hot
 * limit, only looks. Rejects with StoreUnavailable: until it is back every node goes on with what it has.
 */
export async function rebalanceLimits({ clock, shares, shared }: RebalanceDeps): Promise<void> {
  const { nodeId, shareRows } = shared;
  const { serving, rows } = await shareRows.read();
  // One that the store has not heard of late is one of them all the same as long as it serves.
  const live = serving.includes(nodeId) ? serving : [...serving, nodeId].toSorted();
  const kinds = Object.entries(shares);
  for (const [, each] of kinds) each.setNodes(nodeId, live);
  if (live.length < 2) return;
  const nowMs = clock.monotonic();
  const changes = kinds.flatMap(([kind, each]) =>
    each
      .plan(rowsOf(kind, rows), nowMs)
      .map(({ scopeId, version, row }) => ({ id: `${kind}:${scopeId}`, version, row })),
  );
  if (changes.length === 0) return;
  const written = await shareRows.write(changes);
  for (const [kind, each] of kinds) each.written(scopesOf(kind, written));
}

function rowsOf(kind: string, rows: ReadonlyMap<string, ShareRow>): ReadonlyMap<string, ShareRow> {
  const prefix = `${kind}:`;
  return new Map(
    [...rows].flatMap(([id, row]) =>
      id.startsWith(prefix) ? [[id.slice(prefix.length), row] as const] : [],
    ),
  );
}

function scopesOf(kind: string, ids: ReadonlySet<string>): ReadonlySet<string> {
  const prefix = `${kind}:`;
  return new Set([...ids].flatMap((id) => (id.startsWith(prefix) ? [id.slice(prefix.length)] : [])));
}
