import { expect, test } from "bun:test";
import { openSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AppendFile } from "../../src/journal/append-file.ts";
import { freshFolders } from "./records.ts";

const fresh = freshFolders();
const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

/** Disks that others write to take their time. */
const SYNCED_MS = 30_000;

test("a file closed while syncs are under way is closed once: its number may be another file's by then", async () => {
  const folder = fresh();
  const failures: unknown[] = [];
  const before = openDescriptors();
  for (let round = 0; round < 20; round++) {
    const file = new AppendFile(join(folder, `file-${round}`), (error) => failures.push(error));
    // More syncs than threads, so that some are still waiting when the file is closed.
    for (let i = 0; i < 8; i++) {
      file.append("x".repeat(1 << 16));
      file.syncNow();
    }
    file.append("last");
    file.close();
  }
  const bystander = openSync(join(folder, "file-0"), "r");
  const deadlineMs = performance.now() + SYNCED_MS;
  while (openDescriptors() > before + 1) {
    if (performance.now() > deadlineMs)
      throw new Error(`${openDescriptors() - before} descriptors are still open`);
    await Bun.sleep(1);
  }
  expect(failures).toEqual([]);
  expect(readFileSync(bystander, "utf8").endsWith("last")).toBe(true);
}, 60_000);
