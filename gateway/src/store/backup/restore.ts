import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { KEY_FILE, readKeys, replaceKeys } from "../secret-key/key-file.ts";
import { PROBE, NEXT_PROBE, opensProbe, SecretKeyMismatch } from "../secret-key/key-ring.ts";
import { openForReading } from "../sqlite/connection.ts";
import { DATABASE_FILE } from "../sqlite/database-file.ts";
import { copyPrivately, intentFiles } from "./backup.ts";

/** The database of a backup is damaged. */
export class BackupDamaged extends Error {
  constructor(finding: string) {
    super(`the database of this backup is damaged (${finding}): take another one`);
    this.name = "BackupDamaged";
  }
}

/**
 * Looks at a backup before anything is made of it: whether its database is whole, and whether its secrets open with
 * the keys given, or with those in it where none are given.
 * Throws BackupDamaged, SecretKeyMismatch.
 */
export function checkBackup(folder: string, given: readonly Uint8Array[]): void {
  const connection = openForReading(join(folder, DATABASE_FILE));
  try {
    const finding = connection.statement("pragma quick_check(1)").all([])[0]?.["quick_check"];
    if (finding !== "ok") throw new BackupDamaged(String(finding));
    const keys = given.length > 0 ? given : keysOf(folder);
    const probes = connection
      .statement("select value from settings where key in (?, ?)")
      .all([PROBE, NEXT_PROBE]);
    for (const { value } of probes) {
      if (!keys.some((key) => opensProbe(key, String(value)))) throw new SecretKeyMismatch();
    }
  } finally {
    connection.close();
  }
}

function keysOf(folder: string): readonly Uint8Array[] {
  const file = join(folder, KEY_FILE);
  return existsSync(file) ? readKeys(file) : [];
}

/** Puts a backup that has been checked into an empty data folder. Throws what the file system throws. */
export function restore(from: string, to: string): void {
  const keys = keysOf(from);
  if (keys.length > 0) replaceKeys(join(to, KEY_FILE), keys);
  for (const name of intentFiles(from)) copyPrivately(join(from, name), join(to, name));
  // The database last, and at once: until it is there, no start takes the folder for one with data in it.
  const draft = join(to, `${DATABASE_FILE}.restoring`);
  copyPrivately(join(from, DATABASE_FILE), draft);
  renameSync(draft, join(to, DATABASE_FILE));
}
