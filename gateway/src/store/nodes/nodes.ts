import { SETTLE_BUDGETS } from "../budgets/shared-statements.ts";
import { SETTLE_CLAIMS_OF_NODE } from "../idempotency/claims.ts";
import { columnList, columnsOf } from "../row-json.ts";
import type { RunStatement } from "../postgres/open.ts";

/** Silence after which a node counts as gone: for what is shown and asked of others, never for money. */
export const NODE_SILENT_MS = 10_000n;
/** Milliseconds of silence after which what it holds will not come back by itself, and counts as spent. */
export const LOST_MS = 60_000;
/** How long the row of a node that has ended is kept. */
const CLOSED_KEPT_MS = 7 * 86_400_000;

const NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

/** `http` serves, `worker` does what one node does for all, `all` does both. */
export type NodeMode = "all" | "http" | "worker";

/** What a node is registered with. */
export interface NodeStart {
  readonly id: string;
  /** Epoch milliseconds of its own clock. */
  readonly startedAt: number;
  readonly version: string;
  /** Name of the machine. */
  readonly host: string;
  /** What it does. */
  readonly mode: NodeMode;
}

/** One batch of a journal on its way into the store. */
export interface Batch {
  readonly nodeId: string;
  /** Number of the last row before the batch that the store is thought to have. */
  readonly from: bigint;
  /** Number of the batch's last row. */
  readonly to: bigint;
  /** Rows of `usage` as JSON, all with the same columns. */
  readonly rows: readonly string[];
}

/** A row that the store will never take as it is. */
export interface RefusedRow extends Pick<Batch, "nodeId" | "from" | "to"> {
  readonly requestId: string;
  readonly body: string;
  readonly reason: string;
  /** Of the event that tells of it. */
  readonly eventId: string;
}

/** What the store says to a batch: whether it went on from where it stood, and where it stands if it did not. */
export type Received = { readonly moved: true } | { readonly moved: false; readonly lastSeq: bigint };

/** What the store says to a sign of life. */
export interface Heard {
  /** Whether the store has not forgotten the node. */
  readonly isKnown: boolean;
  /** Whether somebody has closed it. */
  readonly isClosed: boolean;
  /** Which start of the database server it was that answered. */
  readonly storeStart: string;
  /** Rows of all journals that the store would not take, and on which nobody has decided. */
  readonly quarantined: number;
  /** Ids of the other nodes that are alive, by the clock of the store, in their order. */
  readonly others: readonly string[];
  /** The earliest instant (epoch milliseconds) before which what settled on one of those is not all in the store. */
  readonly othersFlushedAt: number | undefined;
}

interface StoredHeard {
  readonly known: boolean;
  readonly closed: boolean;
  readonly start: string;
  readonly aside: number;
  readonly others: readonly (readonly [id: string, flushedAt: number])[];
}

/** The nodes of an installation, as PostgreSQL keeps them, and the way of their journals into the store. */
export class Nodes {
  readonly #run: RunStatement;

  constructor(run: RunStatement) {
    this.#run = run;
  }

  /** Makes the node known; one that is known already stays as it is. Returns how far its journal has been taken. */
  async register({ id, startedAt, version, host, mode }: NodeStart): Promise<bigint> {
    const [row] = await this.#run("select scaigrid_register_node($1, $2, $3, $4, $5) as seq", [
      id,
      BigInt(startedAt),
      version,
      host,
      mode,
    ]);
    const seq = row?.["seq"];
    return typeof seq === "bigint" ? seq : 0n;
  }

  /**
   * Takes a batch, in one transaction and one round trip: the node's number moves from `from` to `to` and the rows
   * that are not there yet are inserted, or nothing happens. Rejects with StoreUnavailable, or with the server's
   * error when a row does not fit.
   */
  async receive({ nodeId, from, to, rows }: Batch): Promise<Received> {
    const columns = columnList(columnsOf(rows[0] ?? ""));
    const answer = await this.#run(
      "with node as (update nodes set last_seq = $3 where id = $1 and last_seq = $2 returning 1), " +
        // One number for all of them: they are booked together.
        "batch as (select nextval('usage_seq') as number from node), " +
        `kept as (insert into usage (${columns}, seq) select ${columns}, batch.number ` +
        "from batch, json_populate_recordset(null::usage, $4::text::json) " +
        "where exists (select 1 from node) on conflict do nothing returning budgets), " +
        "gone as (delete from budget_holds where request_id in (select request_id " +
        "from json_populate_recordset(null::usage, $4::text::json)) " +
        "and exists (select 1 from node) returning *), " +
        `moved as (${SETTLE_BUDGETS}) select 1 from node`,
      [nodeId, from, to, `[${rows.join(",")}]`],
    );
    if (answer.length > 0) return { moved: true };
    return { moved: false, lastSeq: (await this.#lastSeq(nodeId)) ?? -1n };
  }

  /**
   * Sets a row aside, tells of it, and goes on behind it. What its request holds stays held until somebody has decided
   * what becomes of it.
   */
  async quarantine({ nodeId, from, to, requestId, body, reason, eventId }: RefusedRow): Promise<Received> {
    const told = { node_id: nodeId, seq: Number(to), request_id: requestId, reason };
    const answer = await this.#run(
      "with node as (update nodes set last_seq = $3 where id = $1 and last_seq = $2 returning 1), " +
        "kept as (insert into quarantined_rows (node_id, seq, request_id, body, reason, at) " +
        `select $1, $3, $4, $5, $6, ${NOW} where exists (select 1 from node) on conflict do nothing), ` +
        "told as (insert into events (id, type, payload, at) " +
        `select $7, 'accounting.row_quarantined', $8, ${NOW} where exists (select 1 from node)) ` +
        "select 1 from node",
      [nodeId, from, to, requestId, body, reason, eventId, JSON.stringify(told)],
    );
    if (answer.length > 0) return { moved: true };
    return { moved: false, lastSeq: (await this.#lastSeq(nodeId)) ?? -1n };
  }

  /**
   * A sign of life, and a look at the others that give one. `flushedAt` (epoch milliseconds): what settled here before is
   * in the store.
   */
  async beat(nodeId: string, flushedAt: number): Promise<Heard> {
    const [row] = await this.#run("select scaigrid_beat($1, $2, $3)::text as heard", [
      nodeId,
      BigInt(flushedAt),
      NODE_SILENT_MS,
    ]);
    const { known, closed, start, aside, others }: StoredHeard = JSON.parse(String(row?.["heard"]));
    const flushed = others.map(([, at]) => at);
    return {
      isKnown: known,
      isClosed: closed,
      storeStart: start,
      quarantined: aside,
      others: others.map(([id]) => id),
      othersFlushedAt: flushed.length === 0 ? undefined : Math.min(...flushed),
    };
  }

  /**
   * The node has ended and its journal is in the store: what it still holds in budgets it holds for nobody, but for rows
   * that were set aside.
   */
  async close(nodeId: string): Promise<void> {
    await this.#run("select scaigrid_close_node($1)", [nodeId]);
    await this.#run(SETTLE_CLAIMS_OF_NODE, [nodeId]);
    await this.#run(
      `with gone as (delete from nodes where closed_at < ${NOW} - ${CLOSED_KEPT_MS} ` +
        "and not exists (select 1 from budget_holds where budget_holds.node_id = nodes.id) returning id, last_seq) " +
        // A start that has settled nothing leaves nothing.
        "insert into forgotten_nodes (id, last_seq) select id, last_seq from gone where last_seq > 0 " +
        "on conflict (id) do update set last_seq = greatest(forgotten_nodes.last_seq, excluded.last_seq)",
      [],
    );
    await this.#run("delete from node_turns where node_id not in (select id from nodes)", []);
  }

  /** How far the journals of some nodes have been taken; of those the store knows nothing of, nothing. */
  async taken(nodeIds: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
    if (nodeIds.length === 0) return new Map();
    const rows = await this.#run(
      "select id, last_seq from nodes where id = any (string_to_array($1, ' ')) " +
        "union all select id, last_seq from forgotten_nodes where id = any (string_to_array($1, ' '))",
      [nodeIds.join(" ")],
    );
    return new Map(rows.map(({ id, last_seq: seq }) => [String(id), typeof seq === "bigint" ? seq : 0n]));
  }

  /** Milliseconds since the store has heard of a node that is neither closed nor forgotten. */
  async silence(nodeId: string): Promise<number> {
    const [row] = await this.#run(
      `select ${NOW} - heard_at as silent from nodes where id = $1 and closed_at is null`,
      [nodeId],
    );
    const silent = row?.["silent"];
    return typeof silent === "bigint" ? Number(silent) : Number.POSITIVE_INFINITY;
  }

  async #lastSeq(nodeId: string): Promise<bigint | undefined> {
    const [row] = await this.#run("select last_seq from nodes where id = $1", [nodeId]);
    const seq = row?.["last_seq"];
    return typeof seq === "bigint" ? seq : undefined;
  }
}
