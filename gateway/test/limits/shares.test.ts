import { describe, expect, test } from "bun:test";
import { baseShare } from "../../src/limits/share-plan.ts";
import { numbers, ShareCluster } from "./share-cluster.ts";

const SEEDS = 60;
const calls = (count: number): number[] => Array.from({ length: count }, () => 1);

describe("a limit that several nodes keep", () => {
  test("is shared out equally without a word, and the sum is the limit", () => {
    for (const [limit, count] of [
      [60, 3],
      [100, 7],
      [2, 5],
      [0, 2],
    ] as const) {
      const shares = Array.from({ length: count }, (_, rank) => baseShare(limit, rank, count));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(limit);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }
  });

  test("is never passed in any 60 s, whatever the load, whichever writes are lost or come late", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = numbers(seed * 7_919);
      const nodes = 2 + Math.floor(random() * 4);
      const limit = 1 + Math.floor(random() * 90);
      const cluster = new ShareCluster({ nodes, limit, seed, lost: seed % 3 === 0 ? 0.3 : 0 });
      let rates: number[] = [];
      for (let stretch = 0; stretch < 12; stretch++) {
        rates = Array.from({ length: nodes }, () => (random() < 0.4 ? 0 : random() ** 3 * 8));
        cluster.run(15_000, (node) => calls(Math.floor((rates[node] ?? 0) + random())));
      }
      expect([seed, cluster.most <= limit]).toEqual([seed, true]);
    }
  });

  test("is never passed by tokens either", () => {
    for (let seed = 1; seed <= SEEDS / 3; seed++) {
      const random = numbers(seed * 104_729);
      const cluster = new ShareCluster({ nodes: 3, limit: 60_000, seed });
      cluster.run(180_000, () => (random() < 0.2 ? [1 + Math.floor(random() * 30_000)] : []));
      expect([seed, cluster.most <= 60_000, cluster.most > 20_000]).toEqual([seed, true, true]);
    }
  });

  test("serves one node whole within a few seconds when all calls come there", () => {
    for (const [nodes, limit] of [
      [3, 60],
      [5, 7],
      [4, 2],
      [3, 5_000],
    ] as const) {
      const cluster = new ShareCluster({ nodes, limit, seed: 3 });
      const perTenth = Math.max(1, Math.ceil(limit / 50));
      const [, second] = cluster.run(10_000, (node) => (node === 1 ? calls(perTenth) : []));
      expect([nodes, limit, second]).toEqual([nodes, limit, limit]);
    }
  });

  test("goes to those who need it: where one takes little, the other may have the rest", () => {
    const cluster = new ShareCluster({ nodes: 2, limit: 60, seed: 5 });
    let tenths = 0;
    const load = (node: number): number[] => {
      if (node === 0) return calls(2);
      tenths++;
      return tenths % 60 === 0 ? calls(1) : [];
    };
    cluster.run(120_000, load);
    const [much, little] = cluster.run(60_000, load);
    expect(little).toBeGreaterThanOrEqual(8);
    expect((much ?? 0) + (little ?? 0)).toBeGreaterThan(50);
  });

  test("is lent in turn where there is less of it than nodes", () => {
    const cluster = new ShareCluster({ nodes: 3, limit: 1, seed: 11 });
    const admitted = cluster.run(15 * 62_000, () => calls(1));
    expect(cluster.most).toBe(1);
    expect(admitted.every((count) => count >= 3)).toBe(true);
  });

  test("lets a request through that takes more than an equal share of the tokens", () => {
    const cluster = new ShareCluster({ nodes: 3, limit: 60_000, seed: 13 });
    const admitted = cluster.run(5_000, (node) => (node === 2 ? [50_000] : []));
    expect(admitted).toEqual([0, 0, 50_000]);
  });

  test("goes back to equal shares without a trace once nobody presses on it", () => {
    const cluster = new ShareCluster({ nodes: 3, limit: 60, seed: 17 });
    cluster.run(20_000, (node) => (node === 0 ? calls(3) : []));
    expect(cluster.store.rows.size).toBe(1);
    cluster.run(90_000, () => []);
    expect(cluster.store.rows.size).toBe(0);
    expect(cluster.nodes.map(({ limiter }) => limiter.shares.of(cluster.scope))).toEqual([20, 20, 20]);
  });

  test("goes to those who live when a node dies", () => {
    const cluster = new ShareCluster({ nodes: 3, limit: 60, seed: 19 });
    cluster.run(20_000, () => calls(1));
    cluster.kill(0);
    cluster.run(65_000, () => calls(1));
    cluster.most = 0;
    const admitted = cluster.run(61_000, () => calls(1));
    expect(cluster.most).toBeLessThanOrEqual(60);
    expect(admitted.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(55);
    cluster.kill(1);
    expect(cluster.nodes[2]?.limiter.shares.of(cluster.scope)).toBe(60);
  });
});
