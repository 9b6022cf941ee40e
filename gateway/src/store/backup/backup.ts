import { closeSync, copyFileSync, chmodSync, existsSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { errorField } from "../errors.ts";
import { KEY_FILE, readKeys, replaceKeys } from "../secret-key/key-file.ts";
import { openForReading } from "../sqlite/connection.ts";
import { DATABASE_FILE, INTENTS_FILES } from "../sqlite/database-file.ts";
import { writeManifest } from "./manifest.ts";

/** Looks for files that came while others were copied. */
const ROUNDS_MAX = 100;

/** What a backup came to. */
export interface BackedUp {
  /** Whether there was a key file to copy: otherwise the key is wherever SCAIGRID_SECRET_KEY comes from. */
  readonly holdsSecretKey: boolean;
}

/**
 * Copies the data folder of a gateway that may go on running into an empty folder. Throws what the file system and
 * SQLite throw.
 *
 * The order is what makes the pieces fit. The promises (intents) of open requests first: each is settled in the
 * database that is copied after it, or is settled by the first start on the copy. The keys before and after: a
 * rotation in between leaves the database with either.
 */
export function backUp(from: string, to: string, nowMs: number): BackedUp {
  const before = keysIn(from);
  copyIntents(from, to);
  copyDatabase(join(from, DATABASE_FILE), join(to, DATABASE_FILE));
  const keys = distinct([...keysIn(from), ...before]);
  if (keys.length > 0) replaceKeys(join(to, KEY_FILE), keys);
  writeManifest(to, nowMs, keys.length > 0);
  return { holdsSecretKey: keys.length > 0 };
}

function keysIn(folder: string): readonly Uint8Array[] {
  const file = join(folder, KEY_FILE);
  return existsSync(file) ? readKeys(file) : [];
}

function distinct(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Set(keys.map((key) => key.toHex()))].map((hex) => Uint8Array.fromHex(hex));
}

/** A running gateway removes files and moves what is open in them to newer ones: so the oldest first, until no more come. */
function copyIntents(from: string, to: string): void {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const fresh = intentFiles(from).filter((name) => !seen.has(name));
    if (fresh.length === 0) return;
    for (const name of fresh) {
      seen.add(name);
      try {
        copyPrivately(join(from, name), join(to, name));
      } catch (error) {
        if (errorField(error, "code") !== "ENOENT") throw error;
      }
    }
  }
}

/** Names of the files with promises of open requests, the oldest first. */
export function intentFiles(folder: string): readonly string[] {
  const prefix = `${INTENTS_FILES}-`;
  const numberOf = (name: string) => Number(name.slice(prefix.length));
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && Number.isInteger(numberOf(name)))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

/** As of one moment, in one file, while others write. */
function copyDatabase(from: string, to: string): void {
  const connection = openForReading(from);
  try {
    connection.statement("vacuum into ?").run([to]);
  } finally {
    connection.close();
  }
  chmodSync(to, 0o600);
  sync(to);
}

/** Copies a file for this user alone; it is on the disk afterwards. */
export function copyPrivately(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o600);
  sync(to);
}

function sync(path: string): void {
  const descriptor = openSync(path, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
