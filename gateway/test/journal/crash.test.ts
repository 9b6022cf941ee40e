import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { loadSetting } from "../../src/store/settings/reader.ts";
import { openIntents } from "../harness/open-intents.ts";
import { freshFolders, start } from "./records.ts";

const fresh = freshFolders();
const CHILD = new URL("crash-child.ts", import.meta.url).pathname;

/** Lets a process work in the folder until it has said `lines` lines, kills it, and returns all it said. */
async function killAfter(folder: string, lines: number): Promise<string[]> {
  const child = Bun.spawn([process.execPath, CHILD, folder], { stdout: "pipe", stderr: "inherit" });
  let said = "";
  for await (const bytes of child.stdout) {
    said += new TextDecoder().decode(bytes);
    if (!child.killed && said.split("\n").length > lines) child.kill("SIGKILL");
  }
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  return said.split("\n").slice(0, -1);
}

test("kill -9 at any moment loses nothing that was said to be safe, and settles nothing twice", async () => {
  const folder = fresh();
  const promised = new Set<string>();
  const settled = new Set<string>();
  for (let round = 0; round < 5; round++) {
    for (const line of await killAfter(folder, 1 + Math.floor(Math.random() * 3_000))) {
      const [what, id = ""] = line.split(" ");
      (what === "promised" ? promised : settled).add(id);
    }
  }
  const records = await start(folder);
  const column = (sql: string): string[] =>
    records.writer
      .statement(sql)
      .all([])
      .map((row) => String(row["request_id"]));
  const store = new Database(join(folder, "scaigrid.db"), { readonly: true });
  const open = openIntents(folder, store);
  store.close();
  const used = column("select request_id from usage");
  expect(new Set(used).size).toBe(used.length);
  const inUsage = new Set(used);
  const inEither = new Set([...used, ...open]);
  expect([...settled].filter((id) => !inUsage.has(id))).toEqual([]);
  expect([...promised].filter((id) => !inEither.has(id))).toEqual([]);
  expect(open.filter((id) => inUsage.has(id))).toEqual([]);
  expect((await records.journal.openIntents()).length).toBe(open.length);
  expect(settled.size).toBeGreaterThan(100);
  expect(await loadSetting(records.store.read, "none")).toBeUndefined();
  await records.close();
}, 30_000);
