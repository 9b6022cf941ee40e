import { expect, test } from "bun:test";
import { DiskWatch, type WatchDiskDeps } from "../../src/jobs/watch-disk.ts";
import { DiskReserve } from "../../src/limits/disk-reserve.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";

const RESERVE = 1_000;

test("there is an alarm below twice the reserve, and an end below it; each is left with some room to spare", () => {
  const disk = new DiskReserve(RESERVE);
  const seen = [5_000, 2_000, 1_999, 2_100, 1_000, 999, 1_050, 1_100, 2_150, 2_200, 0, 5_000];
  expect(seen.map((free) => disk.seen(free))).toEqual([
    "ok",
    "ok",
    "low",
    "low",
    "low",
    "full",
    "full",
    "low",
    "low",
    "ok",
    "full",
    "ok",
  ]);
  expect([disk.freeBytes, disk.isFull]).toEqual([5_000, false]);
});

function watched(reserve: number) {
  const state = { free: 9_000, isAway: false };
  const told: string[] = [];
  const logged: unknown[] = [];
  const disk = new DiskReserve(reserve);
  const deps: WatchDiskDeps = {
    clock: { now: () => 1 },
    disk,
    freeBytes: () => Promise.resolve(state.free),
    commit(writes) {
      if (state.isAway) return Promise.reject(new StoreUnavailable("away"));
      for (const { statement } of writes) told.push(String(statement.compile().parameters[1]));
      return Promise.resolve();
    },
    log: { log: (_level, _event, fields) => logged.push(fields?.["action"]) },
    about: { host: "here" },
  };
  return { state, told, logged, disk, watch: new DiskWatch(deps) };
}

test("each change is told once, by log and event, and the way back by itself", async () => {
  const { state, told, logged, disk, watch } = watched(RESERVE);
  for (const free of [9_000, 1_500, 1_500, 500, 400, 9_000, 9_000]) {
    state.free = free;
    await watch.look();
  }
  expect(told).toEqual(["node.disk_low", "node.disk_full", "node.disk_ok"]);
  expect(logged).toEqual(["low", "full", "ok"]);
  expect(disk.isFull).toBe(false);
});

test("what the store cannot take is told by a later look, and the disk is minded all the same", async () => {
  const { state, told, disk, watch } = watched(RESERVE);
  state.free = 10;
  state.isAway = true;
  await expect(watch.look()).rejects.toThrow("away");
  expect(disk.isFull).toBe(true);
  state.isAway = false;
  await watch.look();
  await watch.look();
  expect(told).toEqual(["node.disk_full"]);
});

test("nobody looks where there is no reserve", async () => {
  const { state, told, disk, watch } = watched(0);
  state.free = 0;
  await watch.look();
  expect([disk.state, disk.freeBytes, told]).toEqual(["ok", undefined, []]);
});
