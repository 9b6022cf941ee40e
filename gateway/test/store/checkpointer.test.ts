import { expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { Checkpointer } from "../../src/store/sqlite/checkpointer.ts";
import { openForReading, openForWriting } from "../../src/store/sqlite/connection.ts";
import { SqliteWriter } from "../../src/store/sqlite/writer.ts";
import { failOnBackgroundFailure, temporaryFolder } from "./engines.ts";
import { WORKERS } from "./worker-files.ts";

const root = temporaryFolder();

function open(name: string) {
  const path = join(root, name);
  const connection = openForWriting(path);
  connection.run("create table t (body text)");
  const checkpointer = new Checkpointer(WORKERS.checkpointer, path, failOnBackgroundFailure);
  return { path, checkpointer, writer: new SqliteWriter(connection, checkpointer) };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = systemClock.monotonic() + 10_000;
  while (!condition()) {
    if (systemClock.monotonic() > deadline) throw new Error("it did not happen within 10 s");
    await Bun.sleep(5);
  }
}

test("commits reach the database file without the writer doing it", async () => {
  const { path, checkpointer, writer } = open("moved.db");
  const before = statSync(path).size;
  writer.transact(() => writer.prepare("insert into t values (?)").run(["x".repeat(200_000)]));
  await until(() => statSync(path).size > before + 200_000);
  await checkpointer.stop();
  writer.close();
});

test("the log starts anew while commits keep coming, instead of growing for ever", async () => {
  const { path, checkpointer, writer } = open("bounded.db");
  const insert = writer.prepare("insert into t values (?)");
  const row = "x".repeat(40_000);
  let written = 0;
  await until(() => {
    writer.transact(() => {
      for (let i = 0; i < 10; i++) insert.run([row]);
    });
    written += 10 * row.length;
    return written > Math.max(32 << 20, 2 * statSync(`${path}-wal`).size);
  });
  await checkpointer.stop();
  writer.close();
}, 20_000);

test("an idle thread ends at once when told to, and leaves everything in the database", async () => {
  const { path, checkpointer, writer } = open("idle.db");
  await Bun.sleep(0);
  const before = systemClock.monotonic();
  await checkpointer.stop();
  expect(systemClock.monotonic() - before).toBeLessThan(4_000);
  writer.transact(() => writer.prepare("insert into t values (?)").run(["late"]));
  writer.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
  const reader = openForReading(path);
  expect(reader.statement("select body from t").all([])).toEqual([{ body: "late" }]);
  reader.close();
});

test("a transaction that throws keeps nothing, and transactions do not nest", () => {
  const path = join(root, "writer.db");
  let commits = 0;
  const writer = new SqliteWriter(openForWriting(path), {
    committed: () => commits++,
    wantsCalm: () => false,
    durable: () => undefined,
    failure: undefined,
  });
  writer.statement("create table t (body text)").run([]);
  const insert = writer.prepare("insert into t values (?)");
  expect(() =>
    writer.transact(() => {
      insert.run(["gone"]);
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(() => writer.transact(() => writer.transact(() => undefined))).toThrow("inside a transaction");
  expect(commits).toBe(0);
  expect(writer.transact(() => insert.run(["kept"]))).toBe(1n);
  expect(commits).toBe(1);
  expect(writer.statement("select body from t").all([])).toEqual([{ body: "kept" }]);
  writer.close();
});
