import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { randomSecretKey, SECRET_KEY_BYTES } from "../../base/crypto.ts";
import { errorField } from "../errors.ts";
import { DATABASE_FILE } from "../sqlite/database-file.ts";

/** The secret key inside the data folder. */
export const KEY_FILE = "secret.key";
const HEX = new RegExp(`^[0-9a-fA-F]{${SECRET_KEY_BYTES * 2}}$`);
/** More keys than any rotation leaves in a file. */
const KEYS_MAX = 8;

/** The secret key cannot be had: its file is missing beside an existing database, unreadable or malformed. */
export class SecretKeyUnusable extends Error {
  constructor(file: string, problem: string, cause?: unknown) {
    super(
      `${file} ${problem}: put back the file that belongs to this database (a backup holds it), ` +
        "or set SCAIGRID_SECRET_KEY to the same 64 hex digits",
      { cause },
    );
    this.name = "SecretKeyUnusable";
  }
}

/** What a process has to open credentials with. */
export interface SecretKeys {
  /** 32 bytes each. More than one while a rotation is under way, the one it turns to first. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]];
  /** The file that holds them; undefined where the environment gives them. */
  readonly file: string | undefined;
  /** Whether this start made the key. */
  readonly created: boolean;
}

/** Keys that the environment gives. */
export interface GivenKeys {
  readonly key?: Uint8Array | undefined;
  /** The one before it, while a rotation is under way. */
  readonly previous?: Uint8Array | undefined;
}

/** The keys in that file. Throws SecretKeyUnusable. */
export function readKeys(file: string): SecretKeys["keys"] {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new SecretKeyUnusable(file, `cannot be read (${errorField(error, "code") ?? "unknown"})`, error);
  }
  const lines = text.split("\n").map((line) => line.trim());
  if (lines.length > KEYS_MAX || !lines.every((line) => HEX.test(line))) {
    throw new SecretKeyUnusable(file, "does not hold 64 hex digits");
  }
  const [first = new Uint8Array(), ...more] = lines.map((line) => Uint8Array.fromHex(line));
  return [first, ...more];
}

/** Makes a whole file, on the disk before anything is sealed with it; `place` puts it where it belongs. */
function write(file: string, keys: readonly Uint8Array[], place: (draft: string) => void): void {
  // A name of its own: another process may be starting in the same folder.
  const draft = `${file}.${process.pid}.new`;
  try {
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, "wx", 0o600);
    try {
      writeSync(descriptor, keys.map((key) => `${key.toHex()}\n`).join(""));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    place(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Undefined when another process was first. */
function create(file: string): Uint8Array | undefined {
  const key = randomSecretKey();
  try {
    write(file, [key], (draft) => linkSync(draft, file));
  } catch (error) {
    if (errorField(error, "code") === "EEXIST") return undefined;
    throw new SecretKeyUnusable(file, `cannot be written (${errorField(error, "code") ?? "unknown"})`, error);
  }
  return key;
}

/** Puts these keys in the file in place of those that are there, all at once. Throws what the file system throws. */
export function replaceKeys(file: string, keys: readonly Uint8Array[]): void {
  write(file, keys, (draft) => renameSync(draft, file));
  const folder = openSync(dirname(file), "r");
  try {
    // The name too must be on the disk before a secret needs the new key, or the old one is gone.
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Takes away the file that this start has made: it opens nothing of what is in the store. */
export function forgetSecretKey(folder: string): void {
  rmSync(join(folder, KEY_FILE), { force: true });
}

/**
 * The keys that seal credentials: those of the environment if there are any, else the file `secret.key` (0600, a line
 * of 64 hex digits for each), which the first start makes. Call it before the database is opened: a folder with a
 * database but no key is refused, not given a new key that opens nothing. Throws SecretKeyUnusable.
 */
export function loadSecretKeys(folder: string, given: GivenKeys = {}): SecretKeys {
  const { key, previous } = given;
  if (key !== undefined) {
    return { keys: previous === undefined ? [key] : [key, previous], file: undefined, created: false };
  }
  if (previous !== undefined) {
    throw new Error(
      "SCAIGRID_SECRET_KEY_PREVIOUS is set, SCAIGRID_SECRET_KEY is not: set it to the new key, or remove the previous one",
    );
  }
  const file = join(folder, KEY_FILE);
  if (existsSync(file)) return { keys: readKeys(file), file, created: false };
  if (existsSync(join(folder, DATABASE_FILE))) throw new SecretKeyUnusable(file, "is missing");
  const made = create(file);
  return made === undefined
    ? { keys: readKeys(file), file, created: false }
    : { keys: [made], file, created: true };
}
