import { systemClock as clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import { openSqliteRecords } from "../journal/open.ts";
import { openPostgresRecords } from "../journal/open-postgres.ts";
import type { Records } from "../journal/records.ts";
import { upgradePostgres } from "../store/postgres/upgrade.ts";
import { openSqliteStore, type WorkerFiles } from "../store/sqlite/open.ts";
import type { Logger } from "../telemetry/logs.ts";

/** Opens what the configuration names. Throws errors whose message says what to do. */
export function openRecords(
  config: Config,
  folder: string,
  workers: WorkerFiles,
  log: Logger,
): Promise<Records> {
  const onFailure = failureLog(log);
  const { database: address, databasePoolSize: poolSize, databasePooler: pooler } = config;
  const isStrict = config.journal === "strict";
  if (address === undefined) return openSqliteRecords({ folder, clock, workers, onFailure, isStrict });
  return openPostgresRecords({
    address,
    poolSize,
    pooler,
    clock,
    folder,
    onFailure,
    isStrict,
    checkpointer: workers.checkpointer,
    mode: config.mode === "migrate" ? "all" : config.mode,
    onRefused: ({ nodeId, seq, reason }) =>
      log.log("error", "journal_row_quarantined", { node_id: nodeId, resource_id: String(seq), reason }),
  });
}

/** Creates or upgrades the schema and closes the store again. */
export async function upgradeStore(
  config: Config,
  folder: string,
  workers: WorkerFiles,
  log: Logger,
): Promise<void> {
  if (config.database === undefined) {
    const { store } = await openSqliteStore({ folder, clock, workers, onFailure: failureLog(log) });
    await store.close();
  } else {
    await upgradePostgres(config.database, config.databasePooler, clock.now());
  }
  log.log("info", "schema_upgraded", { mode: config.mode });
}

function failureLog(log: Logger): (message: string) => void {
  return (message) => log.log("error", "store_failed", { reason: message });
}
