import { expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { IntentLog, type IntentLogOptions } from "../../src/journal/intent-log.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { failOnBackgroundFailure, rejection } from "../store/engines.ts";
import { freshFolders } from "./records.ts";

const fresh = freshFolders();
/** Small enough that every turn fills a file. */
const TINY = 1;

type Options = Partial<Pick<IntentLogOptions, "fileBytesMax" | "quietMs" | "guard">>;

const open = (folder: string, options: Options = {}): IntentLog =>
  new IntentLog({
    base: join(folder, "log"),
    guard: () => undefined,
    onFailure: (error) => failOnBackgroundFailure(String(error)),
    ...options,
  });
const files = (folder: string): string[] => readdirSync(folder).toSorted();
const linesIn = (folder: string): string[] =>
  files(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1));
const idsLeft = (log: IntentLog): string[] => log.left((text) => text).map(({ id }) => id);
const until = async (what: string, holds: () => boolean): Promise<void> => {
  const endMs = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`no ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};
const sorted = (values: readonly string[]): string[] => values.toSorted();

test("what was appended is in the file when the promise resolves, a turn's lines in their order", async () => {
  const folder = fresh();
  const log = open(folder);
  const turn = Promise.all(["a", "b", "c"].map((id) => log.append(id, id)));
  expect(log.pending()).toBe(3);
  await turn;
  expect(log.pending()).toBe(0);
  expect(linesIn(folder)).toEqual(["a", "b", "c"]);
  log.close();
});

test("a file stays while one of its intents is open, and goes with the last", async () => {
  const folder = fresh();
  const log = open(folder, { fileBytesMax: TINY });
  await Promise.all([log.append("a", "a"), log.append("b", "b")]);
  await log.append("c", "c");
  expect(files(folder)).toEqual(["log-1", "log-2"]);
  log.settled("a");
  log.settled("a");
  expect(files(folder)).toEqual(["log-1", "log-2"]);
  log.settled("b");
  expect(files(folder)).toEqual(["log-2"]);
  log.settled("c");
  log.close();
  expect(files(folder)).toEqual([]);
});

test("intents that stay open for long share few files", async () => {
  const folder = fresh();
  const log = open(folder, { fileBytesMax: TINY });
  const ids = Array.from({ length: 40 }, (_, index) => `id${index}`);
  for (const id of ids) await log.append(id, id);
  await until("few files", () => files(folder).length < 10);
  expect(sorted([...new Set(linesIn(folder))])).toEqual(sorted(ids));
  for (const id of ids) log.settled(id);
  log.close();
  // A file whose lines were copied goes once the copies are synced.
  await until("no file", () => files(folder).length === 0);
});

test("a file in which nothing is open goes soon, however few requests come", async () => {
  const folder = fresh();
  const log = open(folder, { quietMs: 1 });
  await log.append("a", "a");
  log.settled("a");
  await until("no file", () => files(folder).length === 0);
  await log.append("b", "b");
  expect(linesIn(folder)).toEqual(["b"]);
  log.close();
});

test("the next process is told every line that is left once, and its own lines never", async () => {
  const folder = fresh();
  const former = open(folder);
  await former.append("settled", "settled");
  await former.append("open", "open");
  former.settled("settled");
  former.close();
  // As after a death between copying a line and removing the file it came from.
  appendFileSync(join(folder, "log-2"), "open\n");
  const next = open(folder);
  await next.append("own", "own");
  expect(sorted(idsLeft(next))).toEqual(["open", "settled"]);
  next.settled("settled");
  expect(idsLeft(next)).toEqual(["open"]);
  next.settled("open");
  expect(idsLeft(next)).toEqual([]);
  expect(linesIn(folder)).toEqual(["own"]);
  next.close();
});

test("a line that was cut by the death of the process was never promised", async () => {
  const folder = fresh();
  appendFileSync(join(folder, "log-7"), "whole\ncu");
  const log = open(folder);
  expect(idsLeft(log)).toEqual(["whole"]);
  await log.append("own", "own");
  expect(files(folder)).toEqual(["log-7", "log-8"]);
  log.close();
});

test("what a power cut left as zeros was never promised", async () => {
  const folder = fresh();
  appendFileSync(join(folder, "log-1"), "whole\n\0\0\0\0\n");
  const log = open(folder);
  expect(idsLeft(log)).toEqual(["whole"]);
  log.close();
});

test("what the disk refuses is refused to all of its turn, and the next turn may succeed", async () => {
  const folder = fresh();
  const log = open(folder);
  rmSync(folder, { recursive: true });
  const refused = await Promise.all(["a", "b"].map((id) => rejection(log.append(id, id))));
  expect(refused.every((error) => error instanceof StoreUnavailable)).toBe(true);
  expect(log.failing()).toBe(true);
  mkdirSync(folder);
  await log.append("c", "c");
  expect(log.failing()).toBe(false);
  expect(linesIn(folder)).toEqual(["c"]);
  log.close();
  expect(await rejection(log.append("d", "d"))).toBeInstanceOf(StoreUnavailable);
});

test("nothing is promised while it could not be settled, and a probe finds out when that is over", async () => {
  const folder = fresh();
  let locked = true;
  const guard = (): void => {
    if (locked) throw new StoreUnavailable("locked");
  };
  const log = open(folder, { guard });
  expect(await rejection(log.append("a", "a"))).toBeInstanceOf(StoreUnavailable);
  expect(() => log.probe()).toThrow(StoreUnavailable);
  expect(log.failing()).toBe(true);
  expect(linesIn(folder)).toEqual([]);
  locked = false;
  log.probe();
  expect(log.failing()).toBe(false);
  await log.append("b", "b");
  expect(linesIn(folder).filter((line) => line !== "")).toEqual(["b"]);
  log.close();
});
