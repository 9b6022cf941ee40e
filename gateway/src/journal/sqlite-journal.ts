import type { Clock } from "../base/clock.ts";
import type { Intent, Progress, Settlement } from "../core/accounting.ts";
import type { SqliteStatement } from "../store/sqlite/connection.ts";
import type { SqliteWriter } from "../store/sqlite/writer.ts";
import type { UsageTable } from "../store/schema.ts";
import { usageRow } from "../store/usage/record.ts";
import { GroupCommit } from "./group-commit.ts";
import type { NodeJournal, OpenIntent } from "./journal.ts";
import { decodeIntent, decodeProgress, encodeIntent, encodeProgress } from "./record-codec.ts";
import { InsertOnce } from "./statements.ts";

/**
 * Where settlements go. Turns one into a function that keeps it, to be run inside a transaction; the second one of a
 * request must change nothing.
 */
export type KeepSettlement = (settlement: Settlement) => () => void;

/** Settlements that are rows of `usage` at once: for a node whose store is the same file. */
export function asUsage(writer: SqliteWriter): KeepSettlement {
  const insert = new InsertOnce<UsageTable>(writer, "usage");
  return (settlement) => {
    const row = usageRow(settlement);
    return () => void insert.run(row);
  };
}

export interface SqliteJournalOptions {
  readonly writer: SqliteWriter;
  readonly clock: Clock;
  /** New at every start: tells this process's open intents from those a former one left. */
  readonly nodeId: string;
  readonly keep: KeepSettlement;
}

/** A journal in an SQLite file. */
export class SqliteJournal implements NodeJournal {
  readonly #group: GroupCommit;
  readonly #clock: Clock;
  readonly #nodeId: string;
  readonly #insertIntent: SqliteStatement;
  readonly #deleteIntent: SqliteStatement;
  readonly #keep: KeepSettlement;
  readonly #replaceCheckpoint: SqliteStatement;
  readonly #dropCheckpoints: SqliteStatement;
  readonly #selectIntents: SqliteStatement;
  readonly #selectCheckpoints: SqliteStatement;
  readonly #writer: SqliteWriter;
  #lastCheckpointEmpty = true;

  constructor({ writer, clock, nodeId, keep }: SqliteJournalOptions) {
    this.#writer = writer;
    this.#group = new GroupCommit(writer);
    this.#clock = clock;
    this.#nodeId = nodeId;
    this.#insertIntent = writer.prepare("insert into intents (request_id, node_id, body) values (?, ?, ?)");
    this.#deleteIntent = writer.prepare("delete from intents where request_id = ?");
    this.#keep = keep;
    this.#replaceCheckpoint = writer.prepare(
      "insert into checkpoints (node_id, at, body) values (?, ?, ?) " +
        "on conflict (node_id) do update set at = excluded.at, body = excluded.body",
    );
    this.#dropCheckpoints = writer.prepare("delete from checkpoints where node_id <> ?");
    this.#selectIntents = writer.prepare("select body from intents where node_id <> ? order by request_id");
    this.#selectCheckpoints = writer.prepare("select body from checkpoints where node_id <> ?");
  }

  async intend(intent: Intent): Promise<void> {
    const parameters = [intent.requestId, this.#nodeId, encodeIntent(intent)];
    await this.#group.add(() => void this.#insertIntent.run(parameters));
  }

  async settle(settlement: Settlement): Promise<void> {
    const keep = this.#keep(settlement);
    const requestId = [settlement.intent.requestId];
    await this.#group.add(() => {
      keep();
      this.#deleteIntent.run(requestId);
    });
  }

  async checkpoint(progress: readonly Progress[]): Promise<void> {
    // Nothing open and nothing said otherwise: an idle process writes nothing.
    const empty = progress.length === 0;
    if (empty && this.#lastCheckpointEmpty) return;
    this.#lastCheckpointEmpty = empty;
    const parameters = [this.#nodeId, BigInt(this.#clock.now()), encodeProgress(progress)];
    await this.#group.add(() => void this.#replaceCheckpoint.run(parameters));
  }

  /** Reads on the event loop, and is meant for the start. Rejects with UnreadableRow. */
  async openIntents(): Promise<readonly OpenIntent[]> {
    const intents = this.#selectIntents.all([this.#nodeId]);
    if (intents.length === 0) {
      this.#writer.transact(() => this.#dropCheckpoints.run([this.#nodeId]));
      return [];
    }
    const progress = new Map<string, Progress>();
    for (const { body } of this.#selectCheckpoints.all([this.#nodeId])) {
      for (const open of decodeProgress(String(body))) progress.set(open.requestId, open);
    }
    return intents.map(({ body }) => {
      const intent = decodeIntent(String(body));
      const reached = progress.get(intent.requestId);
      return { intent, ...(reached !== undefined && { progress: reached }) };
    });
  }

  pending(): number {
    return this.#group.pending();
  }

  /** Whether the last commit reached the store. */
  healthy(): boolean {
    return !this.#group.failing();
  }

  /** Writes a row for the sake of knowing whether that works again. Rejects with StoreUnavailable. */
  async probe(): Promise<void> {
    const parameters = [`${this.#nodeId} probe`, BigInt(this.#clock.now()), encodeProgress([])];
    await this.#group.add(() => void this.#replaceCheckpoint.run(parameters));
  }

  async close(): Promise<void> {
    this.#group.close();
  }
}
