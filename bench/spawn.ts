import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { RUNTIME_ENVIRONMENT } from "../gateway/src/main/runtime-environment.ts";
import type { Answers } from "./load/closed-loop.ts";
import { TOTALS_PATH } from "./load/work.ts";
import type { Pace, UpstreamTotals } from "./load/work.ts";

const START_TIMEOUT_MS = 5000;
const SAID_CHARS = 4000;

/** The core of what is measured, and the core of everything else. */
export const MEASURED_CORE = 0;
export const LOAD_CORE = 1;

/** Whether processes can be kept apart on this machine. */
export const canPin = Bun.which("taskset") !== null && availableParallelism() > 1;

/** What to put before a command so that it stays on one core; nothing where that cannot be done. */
export function pinnedTo(core: number): readonly string[] {
  return canPin ? ["taskset", "-c", String(core)] : [];
}

/** Descriptors that a process started here may have; endless where nothing bounds them. */
export function descriptorsMax(): number {
  const line = /^Max open files +\S+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
  return line ? Number(line[1]) : Number.POSITIVE_INFINITY;
}

/** A child of the benchmark that has announced its port. */
export interface Child {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Runs a script of the benchmark on one core until it prints `{"port":…}`. Throws when it does not. */
export async function spawnScript(core: number, script: string, args: readonly string[]): Promise<Child> {
  const child = Bun.spawn([...pinnedTo(core), process.execPath, join(import.meta.dir, script), ...args], {
    // As the gateway's.
    env: { ...process.env, ...RUNTIME_ENVIRONMENT, NODE_ENV: "production" },
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

/** The benchmark's own upstream. */
export interface Upstream extends Child {
  /** What it has answered so far. */
  totals(): Promise<UpstreamTotals>;
}

/** Starts an upstream on the core of the load. */
export async function spawnUpstream(pace: Pace): Promise<Upstream> {
  const child = await spawnScript(LOAD_CORE, "load/upstream.ts", [JSON.stringify(pace)]);
  const totals = async () => {
    const response = await fetch(`http://127.0.0.1:${child.port}${TOTALS_PATH}`);
    const totals: UpstreamTotals = JSON.parse(await response.text());
    return totals;
  };
  return { ...child, totals };
}

/** Runs a load on its own core to its end. Throws when it breaks off, or when a call has failed. */
export async function drive<Result extends Answers>(script: string, plan: object): Promise<Result> {
  const command = [...pinnedTo(LOAD_CORE), process.execPath, join(import.meta.dir, "load", script)];
  const child = Bun.spawn([...command, JSON.stringify(plan)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [text, said, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${said.slice(-SAID_CHARS)}`);
  const result: Result = JSON.parse(text);
  if (result.failures > 0) throw new Error(`${result.failures} of ${result.requests} calls failed`);
  return result;
}

/** Kills a child and waits for its end. */
export async function ended(child: Bun.Subprocess): Promise<void> {
  child.kill("SIGKILL");
  await child.exited;
}
