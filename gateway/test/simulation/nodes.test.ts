import { expect, test } from "bun:test";
import { simulateNodes } from "./nodes.ts";

const SEEDS = 2_000;

test(`over ${SEEDS} seeds three nodes overspend no budget, whatever their server loses and whoever is retired`, async () => {
  const total = { admitted: 0, refused: 0, setBacks: 0, retired: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const seen = await simulateNodes(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed} of the nodes`, { cause: error });
    });
    total.admitted += seen.admitted;
    total.refused += seen.refused;
    total.setBacks += seen.setBacks;
    total.retired += seen.retired;
  }
  expect(total.admitted).toBeGreaterThan(3 * SEEDS);
  expect(total.refused).toBeGreaterThan(SEEDS);
  expect(total.setBacks).toBeGreaterThan(SEEDS / 2);
  expect(total.retired).toBeGreaterThan(SEEDS);
}, 120_000);
