import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { TraceWriter } from "../../src/journal/trace-writer.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { findTraces } from "../../src/store/requests/reader.ts";
import { trace } from "../store/samples.ts";
import { freshFolders, start } from "./records.ts";

const fresh = freshFolders();
const ALL = { level: "platform" } as const;

test("traces are written in the background and come back whole", async () => {
  const records = await start(fresh());
  const traces = Array.from({ length: 600 }, () => trace());
  for (const one of traces) records.traces.record(one);
  await records.traces.flush();
  expect(records.traces.counts()).toEqual({ written: 600, dropped: 0, failed: 0 });
  expect(records.traces.pending()).toBe(0);
  const [last] = traces.slice(-1);
  if (last !== undefined)
    expect(await findTraces(records.store.read, ALL, last.requestId, 2)).toEqual([last]);
  await records.close();
});

test("a lone trace is written without anyone asking", async () => {
  const records = await start(fresh());
  records.traces.record(trace());
  const deadline = systemClock.monotonic() + 5_000;
  while (records.traces.counts().written === 0 && systemClock.monotonic() < deadline) await Bun.sleep(5);
  expect(records.traces.counts().written).toBe(1);
  await records.close();
});

test("a full queue drops the oldest and counts them", async () => {
  const records = await start(fresh());
  for (let i = 0; i < 20_100; i++) records.traces.record(trace());
  const { dropped } = records.traces.counts();
  expect(dropped).toBeGreaterThanOrEqual(100);
  expect(records.traces.pending()).toBe(20_100 - dropped);
  await records.close();
  expect(records.traces.counts()).toEqual({ written: 20_100 - dropped, dropped, failed: 0 });
});

test("each step keeps the event loop for milliseconds only", async () => {
  const records = await start(fresh());
  // Each reading of this clock takes two of its milliseconds, so a step is over after three rows.
  let time = 0;
  const clock = { now: () => systemClock.now(), monotonic: () => (time += 2) };
  const traces = new TraceWriter({ writer: records.writer, clock, onFailure: () => undefined });
  for (let i = 0; i < 30; i++) traces.record(trace());
  let turns = 0;
  const counting = setInterval(() => turns++, 0);
  const before = traces.pending();
  const flushed = traces.flush();
  expect(before - traces.pending()).toBeLessThan(5);
  await flushed;
  clearInterval(counting);
  expect(traces.counts().written).toBe(30);
  await records.close();
});

test("a trace that cannot be written is counted and takes no other with it", async () => {
  const records = await start(fresh());
  const heard: unknown[] = [];
  const onFailure = (error: unknown): void => void heard.push(error);
  const traces = new TraceWriter({ writer: records.writer, clock: systemClock, onFailure });
  traces.record(trace());
  traces.record(trace({ durationMs: Number.NaN }));
  traces.record(trace());
  await traces.close();
  expect(traces.counts()).toEqual({ written: 2, dropped: 0, failed: 1 });
  expect(heard.length).toBe(1);
  traces.record(trace());
  expect(traces.counts().dropped).toBe(1);
  await records.close();
  // The store is closed: what is left is counted, and the end does not hang.
  const late = new TraceWriter({ writer: records.writer, clock: systemClock, onFailure });
  for (let i = 0; i < 300; i++) late.record(trace());
  await late.close();
  expect(late.counts()).toEqual({ written: 0, dropped: 0, failed: 300 });
});

test("while the file is locked traces wait, which is told once, and are written when it is free", async () => {
  const folder = fresh();
  const records = await start(folder);
  const heard: unknown[] = [];
  const onFailure = (error: unknown): void => void heard.push(error);
  let steps = 0;
  const monotonic = (): number => {
    steps++;
    return systemClock.monotonic();
  };
  const clock = { now: () => systemClock.now(), monotonic };
  const traces = new TraceWriter({ writer: records.writer, clock, onFailure });
  const until = async (isSo: () => boolean): Promise<void> => {
    const deadline = systemClock.monotonic() + 20_000;
    while (!isSo() && systemClock.monotonic() < deadline) await Bun.sleep(5);
  };
  const intruder = new Database(join(folder, "scaigrid.db"));
  const lose = async (): Promise<void> => {
    for (let i = 0; i < 300; i++) traces.record(trace());
    await traces.flush();
    await traces.flush();
  };
  intruder.run("begin immediate");
  await lose();
  // It tries again and again by itself.
  await until(() => steps > 4);
  expect(traces.counts()).toEqual({ written: 0, dropped: 0, failed: 0 });
  expect(traces.pending()).toBe(300);
  expect(heard.map((error) => error instanceof StoreUnavailable)).toEqual([true]);
  intruder.run("rollback");
  await until(() => traces.pending() === 0);
  expect(traces.counts()).toEqual({ written: 300, dropped: 0, failed: 0 });
  // The next outage is told too, and what is left at the end is counted.
  intruder.run("begin immediate");
  await lose();
  expect(heard.length).toBe(2);
  await traces.close();
  expect(traces.counts()).toEqual({ written: 300, dropped: 0, failed: 300 });
  expect(String(heard[2])).toContain("the last 300 are lost");
  intruder.run("rollback");
  intruder.close();
  await records.close();
});

test("a disk that is full for a moment takes no trace", async () => {
  const records = await start(fresh());
  const heard: unknown[] = [];
  const onFailure = (error: unknown): void => void heard.push(error);
  const traces = new TraceWriter({ writer: records.writer, clock: systemClock, onFailure });
  const [size] = records.writer.prepare("pragma page_count").all([]);
  records.writer.statement(`pragma max_page_count = ${String(size?.["page_count"])}`).all([]);
  for (let i = 0; i < 300; i++) traces.record(trace());
  await traces.flush();
  expect(traces.counts()).toEqual({ written: 0, dropped: 0, failed: 0 });
  expect(String(heard[0])).toContain("SQLITE_FULL");
  records.writer.statement("pragma max_page_count = 1000000").all([]);
  await traces.flush();
  expect(traces.counts()).toEqual({ written: 300, dropped: 0, failed: 0 });
  expect(heard.length).toBe(1);
  await traces.close();
  await records.close();
});
