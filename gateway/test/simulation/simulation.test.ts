import { expect, test } from "bun:test";
import { simulate } from "./simulate.ts";

const SEEDS = 2_000;

test(`over ${SEEDS} seeds no budget is overspent, none holds anything in the end, and the books agree`, async () => {
  const total = { admitted: 0, refused: 0, crashes: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const seen = await simulate(seed).catch((error: unknown) => {
      throw new Error(`npm run simulate -- --seed ${seed}`, { cause: error });
    });
    total.admitted += seen.admitted;
    total.refused += seen.refused;
    total.crashes += seen.crashes;
  }
  // A simulation in which nothing happens proves nothing.
  expect(total.admitted).toBeGreaterThan(10 * SEEDS);
  expect(total.refused).toBeGreaterThan(SEEDS);
  expect(total.crashes).toBeGreaterThan(SEEDS);
}, 120_000);
