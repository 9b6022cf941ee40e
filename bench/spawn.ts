import { availableParallelism } from "node:os";

const START_TIMEOUT_MS = 5000;

/** The core of what is measured, and the core of everything else. */
export const MEASURED_CORE = 0;
export const LOAD_CORE = 1;

/** Whether processes can be kept apart on this machine. */
export const canPin = Bun.which("taskset") !== null && availableParallelism() > 1;

/** What to put before a command so that it stays on one core; nothing where that cannot be done. */
export function pinnedTo(core: number): readonly string[] {
  return canPin ? ["taskset", "-c", String(core)] : [];
}

/** A child of the benchmark that has announced its port. */
export interface Child {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Runs a script of the benchmark on one core until it prints `{"port":…}`. Throws when it does not. */
export async function spawnScript(
  core: number,
  script: string,
  args: readonly string[] = [],
): Promise<Child> {
  const child = Bun.spawn([...pinnedTo(core), process.execPath, script, ...args], {
    // Otherwise at most 256 calls of one process are in flight at once.
    env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", NODE_ENV: "production" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const timer = setTimeout(() => child.kill(), START_TIMEOUT_MS);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const first = (await reader.read()).value ?? "{}";
  clearTimeout(timer);
  const { port } = JSON.parse(first);
  if (typeof port !== "number") throw new Error(`${script} did not start: ${first}`);
  return { pid: child.pid, port, stop: () => ended(child) };
}

/** Runs a command to its end and gives what it printed. Throws when it fails. */
export async function run(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  const code = await child.exited;
  if (code !== 0) throw new Error(`${command.slice(0, 5).join(" ")} … ended with ${code}`);
  return text;
}

/** Kills a child and waits for its end. */
export async function ended(child: Bun.Subprocess): Promise<void> {
  child.kill("SIGKILL");
  await child.exited;
}
