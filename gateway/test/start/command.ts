import { join, resolve } from "node:path";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";

const MAIN = resolve(import.meta.dir, "../../src/main.ts");
const RUN_MS_MAX = 20_000;

/** A command of `scaigrid` that has ended. */
export interface Ended {
  /** Exit code; null after a death by signal, also the one at the end of our patience. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Put before the command, to run it as somebody else. */
  readonly prefix?: readonly string[];
}

/** Runs `scaigrid …` to its end, with nothing of this process's environment but PATH. */
export async function scaigrid(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { env = {}, prefix = [] } = options;
  const child = Bun.spawn([...prefix, process.execPath, MAIN, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: RUN_MS_MAX,
    killSignal: "SIGKILL",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code: child.signalCode === null ? child.exitCode : null, out, err };
}

/** A new empty folder. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "scaigrid-start-"));
}
