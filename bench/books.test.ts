import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bookFaults } from "./books.ts";

let folder: string;
let db: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scaigrid-books-"));
  db = new Database(join(folder, "store.db"));
  db.run("create table usage (tokens_in integer, tokens_out integer, status text, tenant_pico integer)");
  db.run("create table requests (request_id text)");
  for (let i = 0; i < 3; i++) {
    db.run("insert into usage values (24, 64, 'completed', 1000)");
    db.run("insert into requests values (?)", [`req_${i}`]);
  }
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const seen = { requests: 3, tokens: 192 };
const upstream = { requests: 3, tokensIn: 72, tokensOut: 192 };

test("books that agree with both ends of the load have no faults", () => {
  expect(bookFaults(folder, seen, upstream)).toEqual([]);
});

test.each([
  ["a lost record", "delete from usage where rowid = 1"],
  ["a lost trace", "delete from requests where rowid = 1"],
  ["a record too many", "insert into usage values (0, 0, 'completed', 1)"],
  ["a miscounted answer", "update usage set tokens_out = 63 where rowid = 1"],
  ["a miscounted prompt", "update usage set tokens_in = 25 where rowid = 1"],
  ["an interrupted request", "update usage set status = 'interrupted' where rowid = 1"],
  ["a request that cost nothing", "update usage set tenant_pico = 0 where rowid = 1"],
])("%s is found", (_, change) => {
  db.run(change);
  expect(bookFaults(folder, seen, upstream)).not.toEqual([]);
});
