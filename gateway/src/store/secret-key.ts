import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { randomSecretKey, SECRET_KEY_BYTES } from "../base/crypto.ts";
import { errorField } from "./errors.ts";
import { DATABASE_FILE } from "./sqlite/open.ts";

const KEY_FILE = "secret.key";
const HEX = new RegExp(`^[0-9a-fA-F]{${SECRET_KEY_BYTES * 2}}$`);

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

export interface SecretKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Whether this start made it. */
  readonly created: boolean;
}

function read(file: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new SecretKeyUnusable(file, `cannot be read (${errorField(error, "code") ?? "unknown"})`, error);
  }
  if (!HEX.test(text)) throw new SecretKeyUnusable(file, "does not hold 64 hex digits");
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** Undefined when another process was first. */
function create(file: string): Uint8Array | undefined {
  const key = randomSecretKey();
  // A name of its own: another process may be starting in the same folder.
  const draft = `${file}.${process.pid}.new`;
  try {
    // A whole file or none, on the disk before anything is sealed with it.
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, "wx", 0o600);
    try {
      writeSync(descriptor, `${Buffer.from(key).toString("hex")}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    linkSync(draft, file);
    rmSync(draft);
  } catch (error) {
    rmSync(draft, { force: true });
    if (errorField(error, "code") === "EEXIST") return undefined;
    throw new SecretKeyUnusable(file, `cannot be written (${errorField(error, "code") ?? "unknown"})`, error);
  }
  return key;
}

/** Takes away the file that this start has made: it opens nothing of what is in the store. */
export function forgetSecretKey(folder: string): void {
  rmSync(join(folder, KEY_FILE), { force: true });
}

/**
 * The key that seals credentials: `fromEnv` if given, else the file `secret.key` (0600, 64 hex digits), which the
 * first start makes. Call it before the database is opened: a folder with a database but no key is refused, not
 * given a new key that opens nothing. Throws SecretKeyUnusable.
 */
export function loadSecretKey(folder: string, fromEnv?: Uint8Array): SecretKey {
  if (fromEnv !== undefined) return { key: fromEnv, created: false };
  const file = join(folder, KEY_FILE);
  if (existsSync(file)) return { key: read(file), created: false };
  if (existsSync(join(folder, DATABASE_FILE))) throw new SecretKeyUnusable(file, "is missing");
  const made = create(file);
  return made === undefined ? { key: read(file), created: false } : { key: made, created: true };
}
