import { join } from "node:path";
import { newId } from "../base/ids.ts";
import { INTENTS_FILES } from "../store/sqlite/database-file.ts";
import { SqliteBooks } from "../store/ledger/sqlite-books.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../store/sqlite/open.ts";
import type { SqliteWriter } from "../store/sqlite/writer.ts";
import { IntentLog } from "./intent-log.ts";
import type { Records } from "./records.ts";
import { asUsage, SqliteJournal } from "./sqlite-journal.ts";
import { TraceWriter } from "./trace-writer.ts";

/** Everything that one SQLite file holds. */
export interface SqliteRecords extends Records {
  readonly journal: SqliteJournal;
  readonly traces: TraceWriter;
  /** For background work that writes in small steps: retention, roll-ups. */
  readonly writer: SqliteWriter;
}

/** Opens store, journal and traces on the one connection that writes. Throws SchemaTooNew, StoreUnavailable. */
export async function openSqliteRecords(options: SqliteStoreOptions): Promise<SqliteRecords> {
  const { store, writer } = await openSqliteStore(options);
  const { clock } = options;
  const intentsFailed = (error: unknown): void =>
    options.onFailure(`the log of intents was not synced: ${String(error)}`);
  const journal = new SqliteJournal({
    writer,
    clock,
    nodeId: newId("node", clock.now()),
    intents: new IntentLog({
      base: join(options.folder, INTENTS_FILES),
      guard: () => writer.check(),
      isStrict: options.isStrict ?? false,
      onFailure: intentsFailed,
    }),
    settlements: asUsage(writer),
  });
  const onFailure = (error: unknown): void =>
    options.onFailure(`request traces were not written: ${String(error)}`);
  const traces = new TraceWriter({ writer, clock, onFailure });
  return {
    store,
    journal,
    traces,
    books: new SqliteBooks(store.control, writer),
    writer,
    recover: (settle) => settle(journal),
    committed: () => journal.committed(),
    upkeep: [],
    // A settlement is a row of the store at once, and no other node writes to it.
    usageAsOf: () => Promise.resolve(clock.now()),
    lagMs: () => 0,
    // Nobody else has the file.
    onDuty: () => true,
    follow: () => Promise.resolve(() => Promise.resolve()),
    async close() {
      await journal.close();
      await traces.close();
      await store.close();
    },
  };
}
