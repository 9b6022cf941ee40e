/**
 * Runs the tests: `npm test`, or `npm test -- gateway/test/limits` for some of them. Prepares what they need
 * (PostgreSQL, Python with httpx, Chromium and the built console); a part that cannot be had is skipped with its
 * reason, or fails with CI=true. The last line is `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildUi } from "../ui/build.ts";
import { ROOT } from "./repository.ts";
import { runBunTest, runSteadily, testFiles } from "./testing/bun-test.ts";
import type { Summary, TestRun } from "./testing/bun-test.ts";
import { prepareChromium } from "./testing/chromium.ts";
import { unexercised } from "./testing/exercised.ts";
import { tellFailures } from "./testing/failures.ts";
import { startPostgres } from "./testing/postgres.ts";
import { preparePython } from "./testing/python.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Tests that load both cores, or prove something about a second: they get the machine for themselves. */
const ALONE = /\/test\/durability\/|-load\.test\./;
/** Tests of the API run on SQLite first, and on PostgreSQL again, but for those that no store has a part in. */
const OF_THE_API = /\/test\/api\//;
const WITHOUT_A_STORE =
  /\/(wire|transport|cors|body-limits|stream-hold|hostile-upstream|simulations|slow-body)\.test\.|-load\.test\./;
/** Tests that are asked for by name may be asked to go on for hours; each of them has a deadline of its own. */
const CHOSEN_MS_MAX = 24 * 3_600_000;
const NOTHING_RAN: Summary = { passed: 0, failed: 1, skipped: 0, failures: [] };

const stopping = new AbortController();
const cleanUps: (() => Promise<void>)[] = [];
const env: Record<string, string> = {};
const skips: Record<string, string> = {};

async function part(name: string, variable: string, prepare: () => Promise<string>): Promise<void> {
  if (process.env[variable] !== undefined) return;
  try {
    env[variable] = await prepare();
  } catch (error) {
    skips[name] = error instanceof Error ? error.message : String(error);
    console.error(`SKIP ${name}: ${skips[name]}`);
  }
}

async function runAll(): Promise<Summary> {
  await Promise.all([
    part("postgres", "SCAIGRID_TEST_POSTGRES_URL", async () => {
      const postgres = await startPostgres();
      cleanUps.push(() => postgres.stop());
      return postgres.url;
    }),
    part("python", "SCAIGRID_TEST_PYTHON", preparePython),
    part("chromium", "SCAIGRID_TEST_CHROMIUM", async () => {
      await buildUi(join(ROOT, "ui", "dist"));
      return prepareChromium();
    }),
  ]);
  if (process.env["CI"] === "true" && Object.keys(skips).length > 0) return NOTHING_RAN;
  env["SCAIGRID_TEST_SKIPS"] = JSON.stringify(skips);
  const wanted = process.argv.slice(2);
  if (wanted.length === 0) return runWhole();
  return runBunTest({ args: wanted, env, signal: stopping.signal, runMsMax: CHOSEN_MS_MAX });
}

/** All tests, after which every endpoint must have been seen to answer and to refuse. */
async function runWhole(): Promise<Summary> {
  const notes = mkdtempSync(join(tmpdir(), "scaigrid-exercised-"));
  try {
    const shared = { env: { ...env, SCAIGRID_TEST_EXERCISED_DIR: notes }, signal: stopping.signal };
    const files = testFiles();
    const alone = files.filter((file) => ALONE.test(file));
    const together = files.filter((file) => !ALONE.test(file));
    const many = await runSteadily({ ...shared, args: together, filesWanted: together.length });
    const onPostgres = await runOnPostgres(shared, together);
    const single = await runSteadily({ ...shared, args: alone, filesWanted: alone.length, workers: 1 });
    const missing = unexercised(notes);
    for (const line of missing) console.error(`No test has seen ${line}.`);
    return {
      passed: many.passed + onPostgres.passed + single.passed,
      failed: many.failed + onPostgres.failed + single.failed + missing.length,
      skipped: many.skipped + onPostgres.skipped + single.skipped,
      failures: [...many.failures, ...onPostgres.failures, ...single.failures],
    };
  } finally {
    rmSync(notes, { recursive: true, force: true });
  }
}

/** The second pass over the tests of the API, with gateways whose store is PostgreSQL; none without a server. */
function runOnPostgres(shared: Pick<TestRun, "env" | "signal">, files: readonly string[]): Promise<Summary> {
  const server = env["SCAIGRID_TEST_POSTGRES_URL"] ?? process.env["SCAIGRID_TEST_POSTGRES_URL"];
  if (server === undefined) return Promise.resolve({ ...NOTHING_RAN, failed: 0 });
  console.log("Once more on PostgreSQL:");
  const args = files.filter((file) => OF_THE_API.test(file) && !WITHOUT_A_STORE.test(file));
  const onPostgres = { ...shared.env, SCAIGRID_TEST_ENGINE: "postgres" };
  return runSteadily({ ...shared, env: onPostgres, args, filesWanted: args.length });
}

for (const signal of SIGNALS) process.on(signal, () => stopping.abort());

let summary = NOTHING_RAN;
try {
  summary = await runAll();
} catch (error) {
  console.error(error);
} finally {
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
}
if (summary.failures.length > 0) console.log(`\nFailed:\n${tellFailures(summary.failures)}`);
if (summary.skipped > 0) console.log(`${summary.skipped} skipped`);
console.log(`${summary.passed} passed, ${summary.failed} failed`);
process.exitCode = summary.failed > 0 ? 1 : 0;
