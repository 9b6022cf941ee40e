import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { openSqliteRecords, type SqliteRecords } from "../../src/journal/open.ts";
import { failOnBackgroundFailure, temporaryFolder } from "../store/engines.ts";
import { WORKERS } from "../store/worker-files.ts";

/** Opens the records of that folder, as a start of the process does. */
export function start(folder: string): Promise<SqliteRecords> {
  const onFailure = failOnBackgroundFailure;
  return openSqliteRecords({ folder, clock: systemClock, workers: WORKERS, onFailure });
}

/** Gives out new empty folders that are gone after the file's tests. */
export function freshFolders(): () => string {
  const root = temporaryFolder();
  return () => mkdtempSync(join(root, "data-"));
}
