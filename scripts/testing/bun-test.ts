import { availableParallelism } from "node:os";
import { ROOT } from "../repository.ts";
import { type Failure, FailureReader, tellFailures } from "./failures.ts";

const TAIL_CHARS_MAX = 16_000;
const TEST_MS_MAX = 30_000;
const RUN_MS_MAX = 40 * 60_000;
const WORKERS_MAX = 4;

/** What a run of the tests came to. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What is told of the failures. */
  readonly failures: readonly Failure[];
}

/**
 * Reads the end of what `bun test` said. Bun can end with 0 although tests failed to run, so a run counts only
 * with its closing line, at least one passed test and, where `filesWanted` is given, that many files.
 */
export function summarise(
  tail: string,
  exitCode: number,
  filesWanted: number | undefined,
): Omit<Summary, "failures"> {
  const count = (word: string): number =>
    Number([...tail.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"))].at(-1)?.[1] ?? 0);
  const files = Number([...tail.matchAll(/^Ran \d+ tests? across (\d+) files?\./gm)].at(-1)?.[1] ?? 0);
  const passed = count("pass");
  const complete = files > 0 && passed > 0 && (filesWanted === undefined || files === filesWanted);
  const failed = count("fail") || (exitCode === 0 && complete ? 0 : 1);
  return { passed, failed, skipped: count("skip") };
}

/** How `bun test` is to be run. */
export interface TestRun {
  /** Paths or parts of them; what else `bun test` takes. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Files at once; by default one per core, at least two. */
  readonly workers?: number;
  /** How many files must have been run, where that is known. */
  readonly filesWanted?: number;
  /** Milliseconds after which all of it is ended; those of the whole suite unless given. */
  readonly runMsMax?: number;
}

/** Runs `bun test`, showing what it says. */
export async function runBunTest({ args, env, signal, ...run }: TestRun): Promise<Summary> {
  // A worker process per core: no file sees what another left behind, and a crash counts as a failure.
  const workers = run.workers ?? Math.max(2, Math.min(WORKERS_MAX, availableParallelism()));
  const flags = ["--no-orphans", `--parallel=${workers}`, `--timeout=${TEST_MS_MAX}`];
  const child = Bun.spawn([process.execPath, "test", ...flags, ...args], {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "pipe",
    env: { ...process.env, NO_COLOR: "1", ...env },
    timeout: run.runMsMax ?? RUN_MS_MAX,
    killSignal: "SIGKILL",
  });
  const end = (): void => child.kill("SIGKILL");
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const decoder = new TextDecoder();
  const reader = new FailureReader();
  let tail = "";
  for await (const bytes of child.stderr) {
    process.stderr.write(bytes);
    const text = decoder.decode(bytes, { stream: true });
    reader.push(text);
    tail = (tail + text).slice(-TAIL_CHARS_MAX);
  }
  const code = await child.exited;
  if (child.signalCode !== null) console.error(`The tests were ended by ${child.signalCode}.`);
  return { ...summarise(tail, code, run.filesWanted), failures: reader.failures };
}

/** Files of failures that are worth a second look: with more of them something is broken for sure. */
const AGAIN_FILES_MAX = 4;

/**
 * Runs the tests; files in which a few failed are run once more, each by itself. What passes then is not a failure
 * but an unsteady test, which is told of: on a machine that others use as well, one of thousands of tests over real
 * sockets and processes sometimes gets no turn for seconds.
 */
export async function runSteadily(run: TestRun): Promise<Summary> {
  const first = await runBunTest(run);
  const files = [...new Set(first.failures.map(({ file }) => file))];
  const isWorthIt =
    files.length > 0 && files.length <= AGAIN_FILES_MAX && first.failed === first.failures.length;
  if (!isWorthIt || run.signal.aborted) return first;
  console.error(`\nOnce more, by themselves: ${files.join(", ")}`);
  const args = files.map((file) => `./${file}`);
  const again = await runBunTest({ ...run, args, filesWanted: files.length, workers: 1 });
  if (again.failed > 0) return { ...first, failed: again.failed, failures: again.failures };
  console.error(`\nUnsteady, passed by themselves:\n${tellFailures(first.failures)}`);
  return { ...first, passed: first.passed + first.failed, failed: 0, failures: [] };
}

/** The files `bun test` finds by itself, as it takes them. */
export function testFiles(): string[] {
  const found = [
    ...new Bun.Glob("**/*{.test,_test,.spec,_spec}.{ts,tsx,js,jsx,mts,mjs,cts,cjs}").scanSync(ROOT),
  ];
  return found
    .filter((path) => !path.split("/").includes("node_modules"))
    .map((path) => `./${path}`)
    .sort();
}
