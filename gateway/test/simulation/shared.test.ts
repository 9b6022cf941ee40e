import { afterAll, beforeAll, expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { openPostgresStore, type PostgresStore } from "../../src/store/postgres/open.ts";
import { preparedDatabase, type TestDatabase } from "../harness/database.ts";
import { describePart } from "../parts.ts";
import { addressOf } from "../store/engines.ts";
import { Chance } from "./chance.ts";
import { SharedRun } from "./shared.ts";

/** More of them: `SCAIGRID_TEST_SHARED_SEEDS=1000 npm test -- gateway/test/simulation/shared`. */
const SEEDS = Number(process.env["SCAIGRID_TEST_SHARED_SEEDS"] ?? 6);
const STEPS = 100;
const SEED_MS = 30_000;

describePart("postgres", "budgets that nodes share, over random steps", () => {
  let database: TestDatabase;
  let store: PostgresStore;
  beforeAll(async () => {
    database = await preparedDatabase();
    const address = addressOf(database.url);
    store = await openPostgresStore({ address, clock: systemClock, poolSize: 2, pooler: false });
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  test(
    `over ${SEEDS} seeds every verdict and every counter is that of the books, and nothing is held in the end`,
    async () => {
      const total = { admitted: 0, refused: 0, settled: 0, retired: 0 };
      for (let seed = 1; seed <= SEEDS; seed++) {
        const run = new SharedRun(store, new Chance(seed));
        try {
          await run.begin();
          for (let step = 0; step < STEPS; step++) await run.step();
          await run.quiet();
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
        total.admitted += run.seen.admitted;
        total.refused += run.seen.refused;
        total.settled += run.seen.settled;
        total.retired += run.seen.retired;
      }
      console.log(JSON.stringify({ seeds: SEEDS, ...total }));
      for (const count of Object.values(total)) expect(count).toBeGreaterThan(SEEDS);
    },
    SEEDS * SEED_MS,
  );
});
