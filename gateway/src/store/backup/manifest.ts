import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { VERSION } from "../../base/version.ts";

const FILE = "backup.json";
/** The form of a backup; a later one that this program cannot read gets the next number. */
const FORM = 1;

const contents = z.object({
  form: z.int().min(1),
  version: z.string(),
  taken_at: z.string(),
  holds_secret_key: z.boolean(),
});

/** What a backup says of itself. */
export interface Manifest {
  /** The release that made it. */
  readonly version: string;
  readonly takenAt: string;
  /** Whether the secret key is in it, or kept elsewhere. */
  readonly holdsSecretKey: boolean;
}

/** Makes the folder a backup: written last, so that half of one is none. */
export function writeManifest(folder: string, nowMs: number, holdsSecretKey: boolean): void {
  const manifest = {
    form: FORM,
    version: VERSION,
    taken_at: new Date(nowMs).toISOString(),
    holds_secret_key: holdsSecretKey,
  };
  writeFileSync(join(folder, FILE), `${JSON.stringify(manifest)}\n`, { mode: 0o600, flush: true });
}

/** Undefined when the folder is not a whole backup, or one of a form that this program does not know. */
export function readManifest(folder: string): Manifest | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, FILE), "utf8");
  } catch {
    return undefined;
  }
  const { data } = contents.safeParse(parsed(text));
  if (data === undefined || data.form > FORM) return undefined;
  return { version: data.version, takenAt: data.taken_at, holdsSecretKey: data.holds_secret_key };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
