import { resolve } from "node:path";
import { KEY_PATTERN } from "../harness/keys.ts";
import { Output } from "../harness/output.ts";

const BUILD = resolve(import.meta.dir, "../../../scripts/build.ts");
const BUILD_MS_MAX = 120_000;
const START_MS_MAX = 10_000;
const RUN_MS_MAX = 20_000;

/** A command that has ended. */
export interface Ended {
  /** Exit code; null after a death by signal, also the one at the end of our patience. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function ended(
  command: readonly string[],
  cwd: string,
  env: Record<string, string>,
  timeout: number,
): Promise<Ended> {
  const child = Bun.spawn([...command], {
    cwd,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout,
    killSignal: "SIGKILL",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code: child.signalCode === null ? child.exitCode : null, out, err };
}

/** Builds the executable. Throws with what the build said when it fails. */
export async function buildExecutable(outfile: string): Promise<void> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
  const build = await ended(
    [process.execPath, BUILD, "--outfile", outfile],
    resolve(BUILD, "../.."),
    env,
    BUILD_MS_MAX,
  );
  if (build.code !== 0) throw new Error(`the build failed:\n${build.out}${build.err}`);
}

/** The executable alone in a folder, with nothing of this process's environment but PATH. */
export class Program {
  readonly #path: string;
  readonly #folder: string;

  constructor(path: string, folder: string) {
    this.#path = path;
    this.#folder = folder;
  }

  #environment(more: Readonly<Record<string, string>>): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", HOME: this.#folder, ...more };
  }

  /** Runs a command to its end. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return ended([this.#path, ...args], this.#folder, this.#environment(env), RUN_MS_MAX);
  }

  /** Starts a gateway on a free port and waits until it listens. Throws with its output when it does not. */
  async up(): Promise<Up> {
    const child = Bun.spawn([this.#path, "up"], {
      cwd: this.#folder,
      env: this.#environment({ SCAIGRID_PORT: "0" }),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = new Output();
    const drained = output.drain([child.stdout, child.stderr]);
    try {
      const found = () => output.logs.find((log) => log["event"] === "listening");
      const url = String((await output.until("`listening` line", found, START_MS_MAX))["url"]);
      return new Up(child, output, drained, url);
    } catch (error) {
      child.kill("SIGKILL");
      await child.exited;
      throw error;
    }
  }
}

/** A gateway that was started from the executable. */
export class Up {
  readonly url: string;
  readonly output: Output;
  readonly #child: Bun.Subprocess;
  readonly #drained: Promise<void>;

  constructor(child: Bun.Subprocess, output: Output, drained: Promise<void>, url: string) {
    this.#child = child;
    this.output = output;
    this.#drained = drained;
    this.url = url;
  }

  /** The key that a first start prints. */
  firstKey(): Promise<string> {
    return this.output.until("first key", () => this.output.text.match(KEY_PATTERN)?.[0], START_MS_MAX);
  }

  /** SIGTERM, and the exit code it leads to; null when it had to be killed. */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), RUN_MS_MAX);
    await this.#child.exited;
    clearTimeout(timer);
    await this.#drained;
    return this.#child.signalCode === null ? this.#child.exitCode : null;
  }
}
