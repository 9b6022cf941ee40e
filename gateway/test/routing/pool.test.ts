import { expect, test } from "bun:test";
import { NodePool } from "../../src/routing/pool.ts";

const ALL = ["a", "b", "c"];
const healthy = (pool: NodePool, nowMs: number): string[] =>
  pool.views(nowMs).flatMap(({ url, healthy: isHealthy }) => (isHealthy ? [url] : []));

test("calls go to the node with the fewest in flight, of equals to the one that has waited longest", () => {
  const pool = new NodePool(ALL);
  expect([1, 2, 3, 4].map(() => pool.take(0))).toEqual(["a", "b", "c", "a"]);
  pool.ended("c", "answered", 0, undefined);
  expect([1, 2].map(() => pool.take(0))).toEqual(["c", "b"]);
  expect(pool.views(0).map(({ inFlight }) => inFlight)).toEqual([2, 2, 1]);
});

test("one that cannot be reached rests, twice as long each time, and is asked again afterwards", () => {
  const pool = new NodePool(ALL);
  let nowMs = 0;
  for (const restMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    pool.heard("a", "unreachable", nowMs, "refused");
    expect(healthy(pool, nowMs)).toEqual(["b", "c"]);
    const taken = Array.from({ length: 6 }, () => pool.take(nowMs + restMs - 1));
    expect(taken).not.toContain("a");
    for (const url of taken) pool.ended(url ?? "", "answered", nowMs, undefined);
    nowMs += restMs;
    expect(Array.from({ length: 3 }, () => pool.take(nowMs))).toContain("a");
    for (const url of ALL) pool.ended(url, "busy", nowMs, undefined);
  }
  pool.heard("a", "answered", nowMs, undefined);
  expect(healthy(pool, nowMs)).toEqual(ALL);
  pool.heard("a", "unreachable", nowMs, "refused");
  expect(pool.views(nowMs)[0]).toMatchObject({ healthy: false, reason: "refused" });
  expect(Array.from({ length: 3 }, () => pool.take(nowMs + 5_000))).toContain("a");
});

test("errors count from the third in a row; being busy says nothing", () => {
  const pool = new NodePool(ALL);
  for (const outcome of ["error", "error", "answered", "error", "busy", "error"] as const)
    pool.heard("b", outcome, 0, "answered 500");
  expect(healthy(pool, 0)).toEqual(ALL);
  pool.heard("b", "error", 0, "answered 500");
  expect(healthy(pool, 0)).toEqual(["a", "c"]);
});

test("many calls that fail at once are one failure", () => {
  const pool = new NodePool(ALL);
  for (let n = 0; n < 50; n++) pool.heard("a", "unreachable", n, "refused");
  expect(Array.from({ length: 3 }, () => pool.take(5_000))).toContain("a");
});

test("with no healthy node the one whose rest ends first is tried; none twice in one call", () => {
  const pool = new NodePool(ALL);
  pool.heard("a", "unreachable", 2_000, "refused");
  pool.heard("b", "unreachable", 1_000, "refused");
  pool.heard("c", "unreachable", 3_000, "refused");
  const tried = new Set<string>();
  for (const url of ["b", "a", "c"]) {
    expect(pool.take(3_000, tried)).toBe(url);
    tried.add(url);
  }
  expect(pool.take(3_000, tried)).toBeUndefined();
});

test("other nodes may come and go, what is known of those that stay is kept", () => {
  const pool = new NodePool(ALL);
  pool.heard("b", "unreachable", 0, "refused");
  pool.take(0);
  pool.replace(["d", "b", "a"]);
  pool.ended("c", "answered", 0, undefined);
  expect(pool.views(0)).toEqual([
    { url: "d", healthy: true, inFlight: 0, reason: undefined },
    { url: "b", healthy: false, inFlight: 0, reason: "refused" },
    { url: "a", healthy: true, inFlight: 1, reason: undefined },
  ]);
});
