import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BudgetCounters } from "../../src/journal/budget-counters.ts";
import { GroupCommit } from "../../src/journal/group-commit.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { openForWriting, type SqliteConnection } from "../../src/store/sqlite/connection.ts";
import { SqliteWriter } from "../../src/store/sqlite/writer.ts";

const WINDOW = { start: 1_000, end: 2_000 };

let folder = "";
let connection: SqliteConnection;
let writer: SqliteWriter;
let commits = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scaigrid-group-"));
  connection = openForWriting(join(folder, "group.db"));
  connection.run("create table t (body text unique) strict");
  connection.run("create table budgets (id text primary key) strict");
  connection.run("insert into budgets values ('one'), ('two')");
  connection.run(
    "create table budget_windows (budget_id text, starts_at integer, ends_at integer, spent_units integer, " +
      "spent_pico integer, spent_tokens integer, spent_requests integer, primary key (budget_id, starts_at)) strict",
  );
  commits = 0;
  const listener = {
    committed: () => void commits++,
    wantsCalm: () => false,
    durable: () => undefined,
    failure: undefined,
  };
  writer = new SqliteWriter(connection, listener);
});

afterEach(() => {
  writer.close();
  rmSync(folder, { recursive: true });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function part(budgetId: string, pico: bigint, tokens: number) {
  return { budgetId, price: "tenant" as const, window: WINDOW, pico, tokens, requests: 1 };
}

describe("rows that share a transaction", () => {
  test("are written at the end of the turn, and wait for company after a turn with many", async () => {
    const group = new GroupCommit(writer);
    const insert = writer.prepare("insert into t values (?)");
    const add = (name: string) => group.add(() => void insert.run([name]));
    await add("alone");
    expect(commits).toBe(1);
    await Promise.all(Array.from({ length: 8 }, (_, n) => add(`crowd ${n}`)));
    expect(commits).toBe(2);
    // One in each turn of the event loop: by themselves they would be as many transactions.
    const rows: Promise<void>[] = [];
    for (let n = 0; n < 40; n++) {
      rows.push(add(`one of many ${n}`));
      await turn();
    }
    await Promise.all(rows);
    expect(commits).toBeLessThan(2 + 40);
    group.close();
  });

  test("tell who was kept before anybody goes on, and fail alone on their own data", async () => {
    const group = new GroupCommit(writer);
    const insert = writer.prepare("insert into t values (?)");
    const told: string[] = [];
    const add = (name: string) =>
      group.add(
        () => void insert.run([name]),
        () => told.push(name),
      );
    const rows = [add("a"), add("a"), add("b")];
    const results = await Promise.allSettled(rows);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(told).toEqual(["a", "b"]);
    group.close();
  });
});

describe("what budgets have spent", () => {
  const spent = () =>
    writer
      .prepare("select budget_id, spent_units, spent_pico, spent_tokens, spent_requests from budget_windows")
      .all([]);

  test("is added once for all requests of a transaction, each window by itself", async () => {
    const counters = new BudgetCounters(writer);
    const group = new GroupCommit(writer, counters);
    const half = 600_000_000_000n;
    await Promise.all([
      group.add(() => counters.move([part("one", half, 10), part("two", 1n, 10)])),
      group.add(() => counters.move([part("one", half, 5)])),
      group.add(() => counters.move([part("gone", half, 5)])),
    ]);
    await group.add(() => counters.move([part("one", half, 1)]));
    expect(spent()).toEqual([
      {
        budget_id: "one",
        spent_units: 1n,
        spent_pico: 800_000_000_000n,
        spent_tokens: 16n,
        spent_requests: 3n,
      },
      { budget_id: "two", spent_units: 0n, spent_pico: 1n, spent_tokens: 10n, spent_requests: 1n },
    ]);
    group.close();
  });

  test("of one budget that cannot be written refuses the requests under that budget alone", async () => {
    connection.run(
      "create trigger full before insert on budget_windows when new.budget_id = 'one' " +
        "begin select raise(abort, 'no more of it'); end",
    );
    const counters = new BudgetCounters(writer);
    const group = new GroupCommit(writer, counters);
    const insert = writer.prepare("insert into t values (?)");
    const told: string[] = [];
    const add = (name: string, budgets: readonly string[]) =>
      group.add(
        () => {
          insert.run([name]);
          counters.move(budgets.map((id) => part(id, 3n, 1)));
        },
        () => told.push(name),
      );
    const rows = [add("a", ["two"]), add("b", ["one", "two"]), add("c", ["two"]), add("c", []), add("d", [])];
    const outcomes = await Promise.all(rows.map((row) => row.then(() => "kept", String)));
    expect(outcomes).toEqual([
      "kept",
      expect.stringContaining("no more of it"),
      "kept",
      expect.stringContaining("UNIQUE"),
      "kept",
    ]);
    expect(told).toEqual(["a", "c", "d"]);
    expect(writer.prepare("select body from t order by body").all([])).toEqual(
      ["a", "c", "d"].map((body) => ({ body })),
    );
    // Once for each request that was kept: what was tried together is undone.
    expect(spent()).toEqual([
      { budget_id: "two", spent_units: 0n, spent_pico: 6n, spent_tokens: 2n, spent_requests: 2n },
    ]);
    expect(group.failing()).toBe(false);
    group.close();
  });

  test("is told as failing when the store goes away while rows are tried one by one", async () => {
    connection.run(
      "create trigger full before insert on budget_windows begin select raise(abort, 'no more of it'); end",
    );
    const counters = new BudgetCounters(writer);
    const group = new GroupCommit(writer, counters);
    let tries = 0;
    const gone = () => {
      if (++tries > 1) throw new StoreUnavailable("the disk is gone");
    };
    const outcomes = await Promise.allSettled([
      group.add(() => counters.move([part("one", 3n, 1)])),
      group.add(() => undefined),
      group.add(gone),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
    expect(group.failing()).toBe(true);
    await group.add(() => undefined);
    expect(group.failing()).toBe(false);
    group.close();
  });

  test("of a transaction that was undone is not carried into the next one", async () => {
    const counters = new BudgetCounters(writer);
    const group = new GroupCommit(writer, counters);
    const lost = group.add(() => {
      counters.move([part("one", 5n, 1)]);
      // As SQLite does on a full disk.
      connection.run("rollback");
      throw new Error("the disk is full");
    });
    expect(await lost.then(String, String)).toContain("full");
    await group.add(() => counters.move([part("two", 7n, 1)]));
    expect(spent()).toEqual([
      { budget_id: "two", spent_units: 0n, spent_pico: 7n, spent_tokens: 1n, spent_requests: 1n },
    ]);
    group.close();
  });
});
