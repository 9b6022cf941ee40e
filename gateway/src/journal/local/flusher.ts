import type { Clock } from "../../base/clock.ts";
import { newId } from "../../base/ids.ts";
import { Rounds } from "../../base/rounds.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import type { Batch, NodeStart, Nodes, Received } from "../../store/nodes/nodes.ts";
import { isDataError } from "../../store/postgres/fold-error.ts";
import { columnsOf } from "../../store/row-json.ts";
import type { Outbox, OutboxRow } from "./outbox.ts";

/** A row that the store will not take. */
export interface Refused {
  readonly seq: bigint;
  readonly reason: string;
}

export interface FlusherOptions {
  readonly outbox: Outbox;
  readonly nodes: Nodes;
  /** Whose journal it is. */
  readonly node: NodeStart;
  readonly clock: Clock;
  /** Hears of rows that were set aside. */
  readonly onRefused: (refused: Refused) => void;
}

/**
 * Takes the settlements of a journal to the store, batch after batch in their order. The store keeps the number of
 * the last row it has and moves it together with the rows, so that a batch whose answer was lost, a store that was
 * set back, or another process at work on the same journal can neither lose a row nor count one twice.
 */
export class Flusher {
  readonly #options: FlusherOptions;
  readonly #rounds = new Rounds(() => this.#round());
  /** Undefined until the store has been asked. */
  #seq: bigint | undefined;
  #flushedAt: number;

  constructor(options: FlusherOptions) {
    this.#options = options;
    this.#flushedAt = options.node.startedAt;
  }

  /** Resolves once all that has settled before the call is in the store. Rejects with StoreUnavailable. */
  flush(): Promise<void> {
    return this.#rounds.run();
  }

  /** Epoch milliseconds: what settled before is in the store. */
  get flushedAt(): number {
    return this.#flushedAt;
  }

  /** Number of the last row that the store has. */
  get acknowledged(): bigint {
    return this.#seq ?? 0n;
  }

  /** Makes the node known again to a store that has forgotten it, and starts over from where that stands. */
  async register(): Promise<void> {
    this.#seq = await this.#options.nodes.register(this.#options.node);
  }

  async #round(): Promise<void> {
    const { outbox, clock } = this.#options;
    if (this.#seq === undefined) await this.register();
    for (;;) {
      const now = clock.now();
      const rows = outbox.after(this.#seq ?? 0n);
      if (rows.length === 0) {
        this.#flushedAt = now;
        return;
      }
      const before = this.#seq;
      await this.#send(alike(rows));
      if (this.#seq !== undefined && this.#seq !== before) outbox.acknowledged(this.#seq);
    }
  }

  /** A batch that the store refuses for its data is cut in two until the row is found that is to blame. */
  async #send(rows: readonly OutboxRow[]): Promise<void> {
    const batch = this.#batch(rows);
    let received: Received;
    try {
      received = await this.#options.nodes.receive(batch);
    } catch (error) {
      if (error instanceof StoreUnavailable || !(error instanceof SyntaxError || isDataError(error)))
        throw error;
      const half = rows.length >> 1;
      // The other half comes with the next batch.
      if (half > 0) return await this.#send(rows.slice(0, half));
      const reason = error instanceof Error ? error.message : String(error);
      const [{ requestId, body } = { requestId: "", body: "" }] = rows;
      received = await this.#options.nodes.quarantine({
        ...batch,
        requestId,
        body,
        reason,
        eventId: newId("evt", this.#options.clock.now()),
      });
      if (received.moved) this.#options.onRefused({ seq: batch.to, reason });
    }
    await this.#moved(batch, received);
  }

  async #moved(batch: Batch, received: Received): Promise<void> {
    if (received.moved) this.#seq = batch.to;
    else if (received.lastSeq >= 0n) this.#seq = received.lastSeq;
    else await this.register();
  }

  #batch(rows: readonly OutboxRow[]): Batch {
    const from = this.#seq ?? 0n;
    const to = rows.at(-1)?.seq ?? from;
    return { nodeId: this.#options.node.id, from, to, rows: rows.map((row) => row.body) };
  }
}

/** The first rows, as far as they have the same columns: a later release may have written on in an older journal. */
function alike(rows: readonly OutboxRow[]): readonly OutboxRow[] {
  let columns: string | undefined;
  for (const [index, { body }] of rows.entries()) {
    const here = shape(body);
    if (columns !== undefined && here !== columns) return rows.slice(0, index);
    columns = here;
  }
  return rows;
}

function shape(body: string): string {
  try {
    return columnsOf(body).join();
  } catch {
    // Damaged: it goes alone, and the store's refusal is its own.
    return body;
  }
}
