/**
 * Plants one bug after the other in a copy of the sources and says which of them the tests notice:
 * `npm run test:mutations`, or with a part of a name those bugs alone. Ends with 1 where more than one is missed, where
 * a bug cannot be planted any more, or where the tests fail without any.
 */
import { SQL } from "bun";
import { readFileSync, writeFileSync } from "node:fs";
import { startPostgres } from "../../../scripts/testing/postgres.ts";
import { RepositoryCopy } from "../start/repository-copy.ts";
import { type Bug, planted, problemsOf, sourcePath } from "./bug.ts";
import { BUGS } from "./bugs.ts";

/** Of all the bugs so many may be missed. */
const MISSED_MAX = 1;
const TEST_MS_MAX = 60_000;
const RUN_MS_MAX = 300_000;
/** What tests that share a server copy their databases from: a bug may be in the schema. */
const MODEL_DATABASE = "scaigrid_model";

interface Run {
  readonly passed: boolean;
  /** The sources did not even load: then no test has noticed anything. */
  readonly broken: boolean;
  readonly output: string;
}

class Check {
  readonly #copy = new RepositoryCopy(true);
  readonly #server: string;

  constructor(server: string) {
    this.#server = server;
  }

  /** Whether the tests of a bug pass in the copy as it stands. */
  async test({ tests, only }: Pick<Bug, "tests" | "only">): Promise<Run> {
    await this.#forgetSchema();
    const files = tests.map((file) => `./gateway/test/${file}`);
    const flags = ["--bail=1", `--timeout=${TEST_MS_MAX}`, ...(only === undefined ? [] : ["-t", only])];
    const child = Bun.spawn([process.execPath, "test", ...flags, ...files], {
      cwd: this.#copy.root,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, NO_COLOR: "1", SCAIGRID_TEST_POSTGRES_URL: this.#server },
      timeout: RUN_MS_MAX,
      killSignal: "SIGKILL",
    });
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    const ran = Number(/^ *(\d+) pass$/m.exec(err)?.[1] ?? 0) > 0;
    const broken = !err.includes("(pass)") && !err.includes("(fail)");
    return { passed: code === 0 && ran, broken, output: out + err };
  }

  /** Plants a bug, runs its tests and takes it out again. Throws where it is no bug but nonsense. */
  async catches(bug: Bug): Promise<boolean> {
    const { root } = this.#copy;
    const texts = planted(bug, root);
    const before = [...texts.keys()].map((file) => [file, readFileSync(sourcePath(file, root))] as const);
    try {
      for (const [file, text] of texts) writeFileSync(sourcePath(file, root), text);
      const { passed, broken, output } = await this.test(bug);
      if (broken) throw new Error(`“${bug.name}” does not load:\n${output.slice(-4_000)}`);
      return !passed;
    } finally {
      for (const [file, text] of before) writeFileSync(sourcePath(file, root), text);
    }
  }

  problems(): string[] {
    return BUGS.flatMap((bug) =>
      problemsOf(bug, this.#copy.root).map((problem) => `${bug.name}: ${problem}`),
    );
  }

  remove(): void {
    this.#copy.remove();
  }

  async #forgetSchema(): Promise<void> {
    const admin = new SQL(this.#server, { max: 1 });
    try {
      await admin.unsafe(`drop database if exists "${MODEL_DATABASE}" with (force)`);
    } finally {
      await admin.close();
    }
  }
}

/** The tests of all these bugs, without one. */
async function passWithout(check: Check, bugs: readonly Bug[]): Promise<boolean> {
  const groups = new Map<string, Pick<Bug, "tests" | "only">>();
  for (const { tests, only } of bugs) groups.set(`${tests.join()} ${only}`, { tests, ...(only && { only }) });
  for (const group of groups.values()) {
    const { passed, output } = await check.test(group);
    if (passed) continue;
    console.error(`${group.tests.join(", ")} fail without a bug:\n${output.slice(-4_000)}`);
    return false;
  }
  return true;
}

async function main(check: Check, bugs: readonly Bug[]): Promise<boolean> {
  const problems = check.problems();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0 || !(await passWithout(check, bugs))) return false;
  const missed: string[] = [];
  for (const bug of bugs) {
    const startedMs = performance.now();
    const caught = await check.catches(bug);
    if (!caught) missed.push(bug.name);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${caught ? "caught" : "MISSED"}  ${bug.name} (${bug.tests.join(", ")}; ${seconds} s)`);
  }
  console.log(`${bugs.length - missed.length} of ${bugs.length} bugs caught`);
  return missed.length <= MISSED_MAX;
}

const part = process.argv[2] ?? "";
const chosen = BUGS.filter(({ name }) => name.includes(part));
if (chosen.length === 0) throw new Error(`no bug has “${part}” in its name`);
const postgres = await startPostgres();
const check = new Check(postgres.url);
try {
  process.exitCode = (await main(check, chosen)) ? 0 : 1;
} finally {
  check.remove();
  await postgres.stop();
}
