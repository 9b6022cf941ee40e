import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { errorField } from "./errors.ts";
import { type Hold, holdFile } from "./sqlite/hold.ts";

/** Held by the process that uses the folder. */
export const LOCK_FILE = "lock.db";

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

/** What is named as the data folder is a file, or lies below one. */
export class DataFolderIsFile extends Error {
  constructor(path: string, cause: unknown) {
    super(
      `${path} is to be the data folder, but there is a file of that name or in its place above: ` +
        "name a folder with SCAIGRID_DATA_DIR; it is made where there is none",
      { cause },
    );
    this.name = "DataFolderIsFile";
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

/** A data folder held by this process, until `release` or the end of the process, however it comes. */
export interface DataFolder {
  readonly path: string;
  release(): void;
}

/**
 * Creates the folder if need be (for this user only) and takes hold of it: alone, or shared with processes that
 * share it too. Throws DataFolderInUse, DataFolderIsFile, DataFolderNotWritable.
 */
export function openDataFolder(path: string, kind: "alone" | "shared" = "alone"): DataFolder {
  let hold: Hold | undefined;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    hold = holdFile(join(path, LOCK_FILE), kind);
  } catch (error) {
    const code = errorField(error, "code") ?? "unknown";
    if (code === "EEXIST" || code === "ENOTDIR") throw new DataFolderIsFile(path, error);
    throw new DataFolderNotWritable(path, code, error);
  }
  if (hold === undefined) throw new DataFolderInUse(path);
  const held = hold;
  return { path, release: () => held.release() };
}
