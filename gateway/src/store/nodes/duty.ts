import type { Clock } from "../../base/clock.ts";
import type { RunStatement } from "../postgres/open.ts";
import { NODE_SILENT_MS } from "./nodes.ts";

const NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint";
/** The one duty there is so far: the work of which one node does enough for all. */
const NAME = "jobs";
/** By the node's own clock, and shorter than by the store's: it stops before another may begin. */
const HELD_MS = Number(NODE_SILENT_MS) - 3_000;

/**
 * Which node does what is to be done once for all of them: a lease in the store, renewed while its holder lives, taken by
 * another once it has been silent for as long as a node may be.
 */
export class Duty {
  readonly #run: RunStatement;
  readonly #nodeId: string;
  readonly #clock: Pick<Clock, "monotonic">;
  /** By the monotonic clock. */
  #heldUntilMs = Number.NEGATIVE_INFINITY;

  constructor(run: RunStatement, nodeId: string, clock: Pick<Clock, "monotonic">) {
    this.#run = run;
    this.#nodeId = nodeId;
    this.#clock = clock;
  }

  /** Whether this node has it now. */
  get held(): boolean {
    return this.#clock.monotonic() < this.#heldUntilMs;
  }

  /** Takes the duty where nobody has it, or renews it. Rejects with StoreUnavailable. */
  async take(): Promise<void> {
    const askedMs = this.#clock.monotonic();
    const rows = await this.#run(
      `insert into duties (name, node_id, until) values ($1, $2, ${NOW} + $3) on conflict (name) do update ` +
        "set node_id = excluded.node_id, until = excluded.until " +
        `where duties.node_id = excluded.node_id or duties.until < ${NOW} returning 1`,
      [NAME, this.#nodeId, NODE_SILENT_MS],
    );
    this.#heldUntilMs = rows.length > 0 ? askedMs + HELD_MS : Number.NEGATIVE_INFINITY;
  }

  /** Leaves it to whoever comes first. Rejects with StoreUnavailable. */
  async leave(): Promise<void> {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    await this.#run("delete from duties where name = $1 and node_id = $2", [NAME, this.#nodeId]);
  }
}
