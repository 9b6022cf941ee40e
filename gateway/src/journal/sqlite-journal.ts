import type { Clock } from "../base/clock.ts";
import { siblingId } from "../base/ids.ts";
import type { Intent, Progress, Settlement } from "../core/accounting.ts";
import type { SqliteStatement } from "../store/sqlite/connection.ts";
import type { SqliteWriter } from "../store/sqlite/writer.ts";
import type { UsageRow } from "../store/schema.ts";
import { usageRow } from "../store/usage/record.ts";
import { BudgetCounters } from "./budget-counters.ts";
import { GroupCommit, type TurnListener } from "./group-commit.ts";
import type { NodeJournal, OpenIntent } from "./journal.ts";
import type { IntentLog } from "./intent-log.ts";
import { decodeIntent, decodeProgress, encodeIntent, encodeProgress } from "./record-codec.ts";
import { InsertOnce } from "./statements.ts";

/** Where settlements go. */
export interface Settlements {
  /** A function that keeps one, to be run inside a transaction. The second one of a request changes nothing. */
  keep(settlement: Settlement): () => void;
  /** Whether the request has one. */
  has(requestId: string): boolean;
  /** What those of one transaction write together. */
  readonly together?: TurnListener;
}

/** Settlements that are rows of `usage` at once: for a node whose store is the same file. */
export function asUsage(writer: SqliteWriter): Settlements {
  const insert = new InsertOnce<UsageRow>(writer, "usage");
  const select = writer.prepare("select 1 from usage where id = ?");
  const counters = new BudgetCounters(writer);
  return {
    keep(settlement) {
      const row = usageRow(settlement);
      const { budgets } = settlement;
      if (budgets === undefined) return () => insert.run(row);
      // Only what was not there before moves them.
      return () => void (insert.isNew(row) && counters.move(budgets));
    },
    together: counters,
    has: (requestId) => select.all([siblingId("usage", requestId)]).length > 0,
  };
}

export interface SqliteJournalOptions {
  readonly writer: SqliteWriter;
  readonly clock: Clock;
  /** New at every start: tells this process's checkpoints from those a former one left. */
  readonly nodeId: string;
  readonly intents: IntentLog;
  readonly settlements: Settlements;
}

/** A journal in an SQLite file, and a log of intents beside it. */
export class SqliteJournal implements NodeJournal {
  readonly #group: GroupCommit;
  readonly #clock: Clock;
  readonly #nodeId: string;
  readonly #intents: IntentLog;
  readonly #settlements: Settlements;
  readonly #replaceCheckpoint: SqliteStatement;
  readonly #dropCheckpoints: SqliteStatement;
  readonly #selectCheckpoints: SqliteStatement;
  readonly #writer: SqliteWriter;
  #lastCheckpointEmpty = true;

  constructor({ writer, clock, nodeId, intents, settlements }: SqliteJournalOptions) {
    this.#writer = writer;
    this.#group = new GroupCommit(writer, settlements.together);
    this.#clock = clock;
    this.#nodeId = nodeId;
    this.#intents = intents;
    this.#settlements = settlements;
    this.#replaceCheckpoint = writer.prepare(
      "insert into checkpoints (node_id, at, body) values (?, ?, ?) " +
        "on conflict (node_id) do update set at = excluded.at, body = excluded.body",
    );
    this.#dropCheckpoints = writer.prepare("delete from checkpoints where node_id <> ?");
    this.#selectCheckpoints = writer.prepare("select body from checkpoints where node_id <> ?");
  }

  intend(intent: Intent): Promise<void> {
    return this.#intents.append(intent.requestId, encodeIntent(intent));
  }

  settle(settlement: Settlement): Promise<void> {
    const { requestId } = settlement.intent;
    return this.#group.add(this.#settlements.keep(settlement), () => this.#intents.settled(requestId));
  }

  async checkpoint(progress: readonly Progress[]): Promise<void> {
    // Nothing open and nothing said otherwise: an idle process writes nothing.
    const empty = progress.length === 0;
    if (empty && this.#lastCheckpointEmpty) return;
    this.#lastCheckpointEmpty = empty;
    const parameters = [this.#nodeId, BigInt(this.#clock.now()), encodeProgress(progress)];
    await this.#group.add(() => void this.#replaceCheckpoint.run(parameters));
  }

  /** Resolves once what was settled before the call is committed. Rejects with StoreUnavailable. */
  committed(): Promise<void> {
    return this.#group.add(() => undefined);
  }

  /** Reads on the event loop, and is meant for the start. Rejects with UnreadableRow. */
  async openIntents(): Promise<readonly OpenIntent[]> {
    const intents = this.#unsettled();
    if (intents.length === 0) {
      this.#writer.transact(() => this.#dropCheckpoints.run([this.#nodeId]));
      return [];
    }
    const progress = new Map<string, Progress>();
    for (const { body } of this.#selectCheckpoints.all([this.#nodeId])) {
      for (const open of decodeProgress(String(body))) progress.set(open.requestId, open);
    }
    return intents.map((intent) => {
      const reached = progress.get(intent.requestId);
      return { intent, ...(reached !== undefined && { progress: reached }) };
    });
  }

  /** Of the intents a former process wrote, those without a settlement. */
  #unsettled(): Intent[] {
    const open: Intent[] = [];
    for (const { id, text } of this.#intents.left((line) => decodeIntent(line).requestId)) {
      if (this.#settlements.has(id)) this.#intents.settled(id);
      else open.push(decodeIntent(text));
    }
    return open;
  }

  pending(): number {
    return this.#group.pending() + this.#intents.pending();
  }

  /** Whether the last commit and the last intents reached their files. */
  healthy(): boolean {
    return !this.#group.failing() && !this.#intents.failing();
  }

  /** Writes a row for the sake of knowing whether that works again. Rejects with StoreUnavailable. */
  async probe(): Promise<void> {
    const parameters = [`${this.#nodeId} probe`, BigInt(this.#clock.now()), encodeProgress([])];
    await this.#group.add(() => void this.#replaceCheckpoint.run(parameters));
    this.#intents.probe();
  }

  async close(): Promise<void> {
    this.#intents.close();
    this.#group.close();
  }
}
