import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { errorField } from "./errors.ts";
import { openPlain, type SqliteConnection } from "./sqlite/connection.ts";

const LOCK_FILE = "lock.db";

/** Another process holds the data folder. */
export class DataFolderInUse extends Error {
  constructor(folder: string) {
    super(
      `the data folder ${folder} is in use by another ScaiGrid process: stop that one first, ` +
        "or give this one a folder of its own with SCAIGRID_DATA_DIR",
    );
    this.name = "DataFolderInUse";
  }
}

/** The data folder cannot be made or written. */
export class DataFolderNotWritable extends Error {
  constructor(folder: string, reason: string, cause: unknown) {
    super(
      `the data folder ${folder} cannot be written (${reason}): give the user of this process write access to it, ` +
        "or name another folder with SCAIGRID_DATA_DIR",
      { cause },
    );
    this.name = "DataFolderNotWritable";
  }
}

/** A data folder held by this process alone, until `release` or the end of the process, however it comes. */
export interface DataFolder {
  readonly path: string;
  release(): void;
}

/**
 * Creates the folder if need be (for this user only) and takes hold of it. The hold is an exclusive SQLite
 * transaction: a lock of the kernel, gone with the process even after `kill -9`, so there is no stale file to
 * clean up. Throws DataFolderInUse, DataFolderNotWritable.
 */
export function openDataFolder(path: string): DataFolder {
  let lock: SqliteConnection | undefined;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    lock = openPlain(join(path, LOCK_FILE));
    lock.run("pragma busy_timeout = 0");
    lock.run("begin exclusive");
  } catch (error) {
    lock?.close();
    const code = errorField(error, "code") ?? "unknown";
    if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) throw new DataFolderInUse(path);
    throw new DataFolderNotWritable(path, code, error);
  }
  const held = lock;
  return { path, release: () => held.close() };
}
