import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The folder of the repository. */
export const ROOT = resolve(import.meta.dir, "..");
/** What scripts download and build for themselves; never committed. */
export const CACHE = join(ROOT, ".cache");

/** What a program that has ended left behind. */
export interface Outcome {
  readonly ok: boolean;
  /** Exit code; 128 + n for a death by signal n; -1 when it could not be started. */
  readonly code: number;
  /** stdout and stderr, in that order. */
  readonly output: string;
}

/** Runs a program to its end, or kills it after `timeoutMs`. Never throws. */
export async function run(
  command: readonly string[],
  options: { readonly timeoutMs: number; readonly env?: Readonly<Record<string, string>> },
): Promise<Outcome> {
  try {
    const child = Bun.spawn([...command], {
      cwd: ROOT,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs,
      killSignal: "SIGKILL",
    });
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    const cut = child.signalCode === "SIGKILL" ? `\nkilled after ${options.timeoutMs / 1000} s` : "";
    return { ok: code === 0, code, output: `${out}${err}${cut}` };
  } catch (error) {
    return { ok: false, code: -1, output: String(error) };
  }
}

/**
 * A folder below the cache that `make` fills once: it works in a folder of its own, which takes its name when all
 * is done, so that a half-made one is never found and two processes do not disturb each other.
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${randomUUID()}`;
  mkdirSync(dirname(draft), { recursive: true });
  try {
    await make(draft);
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}
