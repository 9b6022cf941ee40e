import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparedDatabase } from "../../harness/database.ts";
import { describePart } from "../../parts.ts";
import { lastCheckpoint, lastClusterCheckpoint, readClusterLedger, readLedger } from "../records.ts";
import type { Installation } from "./dying.ts";
import { Lanes } from "./lanes.ts";
import { DEATHS, type Point, POINTS } from "./points.ts";
import { buildDying } from "./program.ts";

/** Each point so often, and all of them: `npm run test:kills`, or `SCAIGRID_TEST_KILLS=3 npm run test:kills`. */
const TIMES = Number(process.env["SCAIGRID_TEST_KILLS"] ?? 0);
/** Gateways that die side by side, where each point is died at more than once. */
const LANES = 4;
const DEATH_MS = 150_000;

const folder = mkdtempSync(join(tmpdir(), "scaigrid-death-"));
let program: string;
beforeAll(async () => {
  program = await buildDying(folder);
}, DEATH_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a gateway on SQLite that dies", () => {
  prove(
    "sqlite",
    POINTS.filter(({ sharedOnly }) => !sharedOnly),
    () =>
      Promise.resolve({
        env: {},
        ledger: (dataDir) => Promise.resolve(readLedger(dataDir)),
        checkpoint: lastCheckpoint,
        drop: () => Promise.resolve(),
      }),
  );
});

describePart("postgres", "a gateway on PostgreSQL that dies", () => {
  prove("postgres", POINTS, async () => {
    const database = await preparedDatabase();
    return {
      env: {
        SCAIGRID_DATABASE_URL: database.url,
        SCAIGRID_SECRET_KEY: randomBytes(32).toString("hex"),
      },
      ledger: (dataDir) => readClusterLedger(database.url, dataDir),
      checkpoint: lastClusterCheckpoint,
      drop: () => database.drop(),
    };
  });
});

function prove(engine: string, points: readonly Point[], installation: () => Promise<Installation>): void {
  const lanes = new Lanes(TIMES > 1 ? LANES : 1, () => program, join(folder, engine), installation);
  const times = Math.max(1, TIMES);
  const chosen = TIMES > 0 ? points : points.filter(({ always }) => always);
  let died = 0;
  const beganAt = performance.now();
  afterAll(async () => {
    await lanes.dispose();
    const seconds = Math.round((performance.now() - beganAt) / 1_000);
    console.log(JSON.stringify({ engine, points: died, times, ...lanes.figures, seconds }));
  });

  test.each(chosen.map((point) => [point.phase, DEATHS[point.death], point] as const))(
    "%s, at “%s”, has settled every request once afterwards, and its counters are its usage",
    async (_phase, _death, point) => {
      const before = lanes.figures.deaths;
      await lanes.die(point, times);
      expect(lanes.figures.deaths - before).toBe(times);
      died++;
    },
    times * DEATH_MS,
  );

  test(
    "has its usage in the ledger and in the roll-ups once it ends in good order",
    () => lanes.finish(),
    DEATH_MS,
  );

  test("has charged by the prices that were promised, where others were in force when it recovered", () => {
    expect(lanes.figures.outdated).toBeGreaterThan(0);
  });
}
