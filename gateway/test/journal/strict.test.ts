import { describe, expect, test } from "bun:test";
import { fdatasync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import type { Sync } from "../../src/journal/append-file.ts";
import { GroupCommit } from "../../src/journal/group-commit.ts";
import { IntentLog } from "../../src/journal/intent-log.ts";
import { TABLES } from "../../src/journal/local/file.ts";
import { Outbox } from "../../src/journal/local/outbox.ts";
import { SqliteJournal } from "../../src/journal/sqlite-journal.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { Checkpointer } from "../../src/store/sqlite/checkpointer.ts";
import { openForWriting } from "../../src/store/sqlite/connection.ts";
import { type CommitListener, SqliteWriter } from "../../src/store/sqlite/writer.ts";
import { failOnBackgroundFailure, rejection } from "../store/engines.ts";
import { intent, settlement } from "../store/samples.ts";
import { WORKERS } from "../store/worker-files.ts";
import { freshFolders } from "./records.ts";

const fresh = freshFolders();
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A disk whose syncs end when they are told to. */
class SlowDisk {
  readonly #waiting: (() => void)[] = [];
  syncs = 0;
  failure: Error | null = null;

  readonly sync: Sync = (descriptor, done) => {
    this.syncs++;
    this.#waiting.push(() => {
      if (this.failure) done(this.failure);
      else fdatasync(descriptor, done);
    });
  };

  /** Lets the syncs end that are under way. */
  go(): void {
    for (const end of this.#waiting.splice(0)) end();
  }
}

async function state(promise: Promise<void>): Promise<string> {
  for (let n = 0; n < 20; n++) await turn();
  return Promise.race([
    promise.then(
      () => "kept",
      () => "refused",
    ),
    turn().then(() => "waits"),
  ]);
}

describe("a strict log of intents", () => {
  function open(disk: SlowDisk, isStrict = true) {
    const folder = fresh();
    mkdirSync(folder, { recursive: true });
    const failures: unknown[] = [];
    const log = new IntentLog({
      base: join(folder, "log"),
      guard: () => undefined,
      onFailure: (error) => failures.push(error),
      isStrict,
      sync: disk.sync,
    });
    return { log, failures };
  }

  test("promises nothing before it is on the disk; one that is not promises it in the same turn", async () => {
    const disk = new SlowDisk();
    const { log } = open(disk);
    const promised = log.append("a", "a");
    expect(await state(promised)).toBe("waits");
    disk.go();
    await promised;
    const local = open(disk, false);
    await local.log.append("b", "b");
  });

  test("what comes while a sync lasts shares the next one", async () => {
    const disk = new SlowDisk();
    const { log } = open(disk);
    const first = log.append("first", "first");
    expect(await state(first)).toBe("waits");
    const later: Promise<void>[] = [];
    for (let n = 0; n < 50; n++) {
      later.push(log.append(`${n}`, `${n}`));
      await turn();
    }
    expect(disk.syncs).toBe(1);
    disk.go();
    await first;
    while (disk.syncs < 2) await turn();
    expect(await state(Promise.race(later))).toBe("waits");
    disk.go();
    await Promise.all(later);
    expect(disk.syncs).toBe(2);
  });

  test("refuses what the disk does not take, says that it fails, and works again with the disk", async () => {
    const disk = new SlowDisk();
    const { log, failures } = open(disk);
    disk.failure = new Error("EIO");
    const refused = log.append("a", "a");
    expect(await state(refused)).toBe("waits");
    disk.go();
    expect(await rejection(refused)).toMatchObject({ name: "StoreUnavailable" });
    expect([log.failing(), failures.length]).toEqual([true, 1]);
    disk.failure = null;
    const kept = log.append("b", "b");
    expect(await state(kept)).toBe("waits");
    disk.go();
    await kept;
    expect(log.failing()).toBe(false);
  });
});

describe("a strict journal", () => {
  test("says that rows are kept only after the other thread has synced them, many of them at once", async () => {
    const path = join(fresh(), "strict.db");
    const connection = openForWriting(path);
    connection.run("create table t (body text)");
    const checkpointer = new Checkpointer(WORKERS.checkpointer, path, () => undefined, true);
    const writer = new SqliteWriter(connection, checkpointer);
    const group = new GroupCommit(writer);
    const insert = writer.prepare("insert into t values (?)");
    const acknowledged: string[] = [];
    const rows = Array.from({ length: 200 }, (_, n) =>
      group.add(() => void insert.run([`${n}`])).then(() => acknowledged.push(`${n}`)),
    );
    await turn();
    // Committed in this turn, and by no means on the disk: that takes the other thread's word.
    expect(group.pending()).toBe(0);
    expect(acknowledged).toEqual([]);
    await Promise.all(rows);
    expect(acknowledged.length).toBe(200);
    group.close();
    await checkpointer.stop();
    writer.close();
  });

  test("keeps what is committed when the thread has ended, and promises nothing more", async () => {
    const path = join(fresh(), "ended.db");
    const connection = openForWriting(path);
    connection.run("create table t (body text)");
    const checkpointer = new Checkpointer(WORKERS.checkpointer, path, () => undefined, true);
    const writer = new SqliteWriter(connection, checkpointer);
    await checkpointer.stop();
    const group = new GroupCommit(writer);
    await group.add(() => writer.statement("insert into t values ('kept')").run([]));
    expect(group.failing()).toBe(true);
    expect(() => writer.check()).toThrow(StoreUnavailable);
    group.close();
    writer.close();
  });

  test("whose disk refuses a sync keeps to what is settled already, and takes no new request until it is synced", async () => {
    const folder = fresh();
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "journal.db");
    const connection = openForWriting(path);
    for (const table of TABLES) connection.run(table);
    const disk: { failure: string | undefined } = { failure: undefined };
    const listener: CommitListener = {
      committed: () => undefined,
      wantsCalm: () => false,
      durable: () =>
        disk.failure === undefined ? Promise.resolve() : Promise.reject(new StoreUnavailable(disk.failure)),
      get failure() {
        return disk.failure;
      },
    };
    const writer = new SqliteWriter(connection, listener);
    const outbox = new Outbox(writer, systemClock);
    const intents = new IntentLog({
      base: join(folder, "log"),
      guard: () => writer.check(),
      onFailure: (error) => failOnBackgroundFailure(String(error)),
      isStrict: true,
    });
    const nodeId = newId("node", systemClock.now());
    const journal = new SqliteJournal({ writer, clock: systemClock, nodeId, intents, settlements: outbox });
    const [under, next] = [intent(), intent()];
    await journal.intend(under);
    disk.failure = "EIO: fdatasync";
    // The answer goes down, and what is on record is that answer: not one that failed, and not both.
    await journal.settle(settlement(under));
    await journal.settle(settlement(under, { status: "failed" }));
    expect(outbox.after(0n).map(({ body }) => JSON.parse(body).status)).toEqual(["completed"]);
    expect(journal.healthy()).toBe(false);
    expect(await rejection(journal.intend(next))).toMatchObject({ name: "StoreUnavailable" });
    expect(await rejection(journal.probe())).toMatchObject({ name: "StoreUnavailable" });
    disk.failure = undefined;
    await journal.probe();
    expect(journal.healthy()).toBe(true);
    await journal.intend(next);
    await journal.close();
    writer.close();
  });
});
