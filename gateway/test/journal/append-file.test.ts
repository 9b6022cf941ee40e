import { expect, test } from "bun:test";
import { openSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AppendFile } from "../../src/journal/append-file.ts";
import { freshFolders } from "./records.ts";

const fresh = freshFolders();
const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

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
  for (let i = 0; openDescriptors() > before + 1; i++) {
    if (i > 10_000) throw new Error(`${openDescriptors() - before} descriptors are still open`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(failures).toEqual([]);
  expect(readFileSync(bystander, "utf8").endsWith("last")).toBe(true);
});
