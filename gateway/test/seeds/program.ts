import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join, resolve } from "node:path";
import type { Gateway } from "../harness/gateway.ts";

const REPOSITORY = resolve(import.meta.dir, "../../..");
const FOLDER = join(REPOSITORY, "../shared/seeds");
const HOST = "https://scaigrid.scailabs.ai";
const RUN_MS_MAX = 60_000;

/** The folder of the getting-started documents and their programs; undefined where it does not stand beside. */
export const SEEDS: string | undefined = existsSync(join(FOLDER, "programs")) ? FOLDER : undefined;

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface ProgramOptions {
  /** Added at the end of the program. */
  readonly append?: string;
  /** Interpreter of a Python program. */
  readonly python?: string;
}

/** Runs a command with the gateway's address and key in its environment. */
export async function runWith(gateway: Gateway, command: readonly string[]): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), "scaigrid-seed-"));
  try {
    const child = Bun.spawn([...command], {
      cwd: folder,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: folder,
        SCAIGRID_API_KEY: gateway.firstKey,
        SCAIGRID_BASE_URL: gateway.url,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: RUN_MS_MAX,
      killSignal: "SIGKILL",
    });
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { code, out, err };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The text with the gateway's address where the documents have theirs. */
export function pointed(text: string, gateway: Gateway): string {
  return text.replaceAll(HOST, gateway.url);
}

/** Runs one of the programs as it stands, its host apart. */
export async function runProgram(
  gateway: Gateway,
  seeds: string,
  name: string,
  { append = "", python }: ProgramOptions = {},
): Promise<Run> {
  const written = pointed(await Bun.file(join(seeds, "programs", name)).text(), gateway);
  // It returns at its top level, which only the body of a function may do.
  const whole = /^ *if .*\) return;$/m.test(written)
    ? `await (async () => {\n${written}\n})();\nexport {};\n`
    : written;
  const folder = await mkdtemp(join(tmpdir(), "scaigrid-seed-"));
  try {
    const path = join(folder, basename(name));
    await Bun.write(path, `${whole}\n${append}\n`);
    const interpreter = extname(name) === ".py" ? [python ?? "python3"] : [process.execPath];
    return await runWith(gateway, [...interpreter, path]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
