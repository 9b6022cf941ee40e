import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { BackupDamaged, checkBackup, restore } from "../store/backup/restore.ts";
import { readManifest } from "../store/backup/manifest.ts";
import { LOCK_FILE, openDataFolder } from "../store/data-folder.ts";
import { KEY_FILE } from "../store/secret-key/key-file.ts";
import { SecretKeyMismatch } from "../store/secret-key/key-ring.ts";
import { START } from "./called-as.ts";
import { CommandError, type Output } from "./output.ts";

/**
 * `scaigrid restore`: puts a backup into an empty data folder. Throws CommandError when the backup is not whole, its
 * secrets do not open, or something is in the way.
 */
export function restoreBackup(folder: string, config: Config, output: Output): void {
  if (config.database !== undefined) {
    throw new CommandError(
      "SCAIGRID_DATABASE_URL is set, and this puts a backup into a data folder: unset it, or use pg_restore on the database",
    );
  }
  const manifest = readManifest(folder);
  if (manifest === undefined) {
    throw new CommandError(
      `${folder} is not a backup that this release can read: name a folder that \`scaigrid backup\` has made to its end`,
    );
  }
  check(folder, config);
  const to = config.dataDir;
  demandUnused(to);
  const held = openDataFolder(to);
  try {
    restore(folder, to);
  } finally {
    held.release();
  }
  output.data(to);
  output.note(`Restored as of ${manifest.takenAt}. ${startOf(to)}`);
}

/** A key that came from the environment is not in the folder: the gateway needs it from there again. */
function startOf(folder: string): string {
  const needed = existsSync(join(folder, KEY_FILE)) ? "" : ", and SCAIGRID_SECRET_KEY set as it is now";
  return `\`${START}\` starts the gateway on it, with SCAIGRID_DATA_DIR=${folder}${needed}.`;
}

/** Nothing is overwritten. That the folder is in use says more than that it is not empty. */
function demandUnused(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  if (names.includes(LOCK_FILE)) openDataFolder(folder).release();
  if (names.some((name) => name !== LOCK_FILE)) {
    throw new CommandError(
      `${folder} is not empty: restore into a folder that does not exist yet, named by SCAIGRID_DATA_DIR`,
    );
  }
}

function check(folder: string, { secretKey, previousSecretKey }: Config): void {
  const given = [secretKey, previousSecretKey].filter((key) => key !== undefined);
  try {
    checkBackup(folder, given);
  } catch (error) {
    if (error instanceof BackupDamaged) throw new CommandError(error.message);
    if (!(error instanceof SecretKeyMismatch)) throw error;
    throw new CommandError(
      "the secret key of this backup is missing or another one, and without it nobody can open the providers' credentials in it: " +
        "put its secret.key into the backup, or set SCAIGRID_SECRET_KEY to the same 64 hex digits",
    );
  }
}
