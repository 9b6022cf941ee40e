import { afterAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshDatabase } from "../../harness/database.ts";
import { describePart } from "../../parts.ts";
import { readClusterLedger, readLedger } from "../records.ts";
import { Dying, type Installation } from "./dying.ts";
import { DEATHS, type Point, POINTS } from "./points.ts";

/** Each point so often, and all of them: `npm run test:kills`, or `SCAIGRID_TEST_KILLS=3 npm run test:kills`. */
const TIMES = Number(process.env["SCAIGRID_TEST_KILLS"] ?? 0);
const DEATH_MS = 150_000;
/** Deaths of one installation: every one of them leaves a journal that the next start looks into. */
const DEATHS_MAX = 20;

describe("a gateway on SQLite that dies", () => {
  prove(
    POINTS.filter(({ sharedOnly }) => !sharedOnly),
    () =>
      Promise.resolve({
        env: {},
        ledger: (folder) => Promise.resolve(readLedger(folder)),
        drop: () => Promise.resolve(),
      }),
  );
});

describePart("postgres", "a gateway on PostgreSQL that dies", () => {
  prove(POINTS, async () => {
    const database = await freshDatabase();
    return {
      env: {
        SCAIGRID_DATABASE_URL: database.url,
        SCAIGRID_SECRET_KEY: randomBytes(32).toString("hex"),
      },
      ledger: (folder) => readClusterLedger(database.url, folder),
      drop: () => database.drop(),
    };
  });
});

function prove(points: readonly Point[], installation: () => Promise<Installation>): void {
  const folder = mkdtempSync(join(tmpdir(), "scaigrid-death-"));
  let dying: Dying | undefined;
  const figures = { points: 0, deaths: 0, calls: 0, whole: 0 };
  const end = async (): Promise<void> => {
    if (dying === undefined) return;
    const { deaths, calls, whole } = dying.figures;
    figures.deaths += deaths;
    figures.calls += calls;
    figures.whole += whole;
    try {
      await dying.finish();
    } finally {
      await dying.dispose();
      dying = undefined;
    }
  };
  afterAll(async () => {
    await dying?.dispose();
    rmSync(folder, { recursive: true, force: true });
    console.log(JSON.stringify(figures));
  });
  const chosen = TIMES > 0 ? points : points.filter(({ always }) => always);

  test.each(chosen.map((point) => [point.phase, DEATHS[point.death], point] as const))(
    "%s, at “%s”, has settled every request once afterwards, and its counters are its usage",
    async (_phase, _death, point) => {
      for (let time = 0; time < Math.max(1, TIMES); time++) {
        if (dying !== undefined && dying.figures.deaths >= DEATHS_MAX) await end();
        dying ??= await Dying.start(folder, await installation());
        try {
          await dying.die(point);
        } catch (error) {
          // Nobody else is to go on from where it got stuck.
          await dying.dispose();
          dying = undefined;
          throw error;
        }
      }
      figures.points++;
      expect(dying?.figures.deaths).toBeGreaterThan(0);
    },
    Math.max(1, TIMES) * DEATH_MS,
  );

  test("has its usage in the ledger and in the roll-ups once it ends in good order", () => end(), DEATH_MS);
}
