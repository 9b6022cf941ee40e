import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../../src/core/accounting.ts";
import { openSqliteRecords, type SqliteRecords } from "../../src/journal/open.ts";
import { UnreadableRow } from "../../src/journal/record-codec.ts";
import { createModel } from "../../src/store/catalogue/writer.ts";
import { loadModels } from "../../src/store/catalogue/reader.ts";
import { StoreUnavailable, WriteConflict } from "../../src/store/errors.ts";
import { systemClock } from "../../src/base/clock.ts";
import { listUsage, summarizeUsage } from "../../src/store/usage/reader.ts";
import { openIntents } from "../harness/open-intents.ts";
import { failOnBackgroundFailure, rejection } from "../store/engines.ts";
import { AT, intent, model, settlement } from "../store/samples.ts";
import { WORKERS } from "../store/worker-files.ts";
import { freshFolders, start } from "./records.ts";

const fresh = freshFolders();
const ALL = { level: "platform" } as const;

const usageIds = async (records: SqliteRecords): Promise<string[]> =>
  (await listUsage(records.store.read, ALL, {}, { limit: 1_000 })).map((record) => record.id).toSorted();

/** Rows of a table, through the connection that writes. */
const rowsIn = (records: SqliteRecords, table: string): bigint => {
  const row = records.writer.statement(`select count(*) as n from ${table}`).all([])[0];
  return BigInt(String(row?.["n"]));
};

/** Promised and not settled, by the files. */
const openIn = (folder: string): string[] => {
  const store = new Database(join(folder, "scaigrid.db"), { readonly: true });
  try {
    return openIntents(folder, store);
  } finally {
    store.close();
  }
};

const commits = (records: SqliteRecords, counted: () => Promise<void>): Promise<number> => {
  const transact = records.writer.transact.bind(records.writer);
  let count = 0;
  const writer: { transact: typeof transact } = records.writer;
  writer.transact = (work) => {
    count++;
    return transact(work);
  };
  return counted().then(() => count);
};

test("a settled request leaves one usage row and no intent", async () => {
  const folder = fresh();
  const records = await start(folder);
  const promised = intent();
  await records.journal.intend(promised);
  expect(openIn(folder)).toEqual([promised.requestId]);
  const settled = settlement(promised);
  await records.journal.settle(settled);
  expect(openIn(folder)).toEqual([]);
  const [record] = await listUsage(records.store.read, ALL, {}, { limit: 5 });
  expect(record).toMatchObject({
    id: settled.usageId,
    charge: settled.charge,
    buckets: settled.usage,
    metadata: promised.metadata,
  });
  await records.close();
});

test("settling twice, in one turn or two, counts the first only", async () => {
  const records = await start(fresh());
  const promised = intent();
  await records.journal.intend(promised);
  const first = settlement(promised);
  const second = settlement(promised, { charge: { cost: 9n, partner: 9n, tenant: 9n } });
  await Promise.all([records.journal.settle(first), records.journal.settle(second)]);
  await records.journal.settle(second);
  const [total] = await summarizeUsage(records.store.read, ALL, {}, "model");
  expect(total).toMatchObject({ requestCount: 1, amounts: first.charge });
  await records.close();
});

test("rows of one turn share a commit, and a long queue is cut into several", async () => {
  const records = await start(fresh());
  const settlements = Array.from({ length: 50 }, () => settlement(intent()));
  const together = await commits(records, async () => {
    await Promise.all(settlements.map((one) => records.journal.settle(one)));
  });
  expect(together).toBe(1);
  const many = Array.from({ length: 1_500 }, () => settlement(intent()));
  const cut = await commits(records, async () => {
    const all = Promise.all(many.map((one) => records.journal.settle(one)));
    expect(records.journal.pending()).toBe(1_500);
    await all;
  });
  expect(cut).toBeGreaterThan(2);
  expect(records.journal.pending()).toBe(0);
  expect(rowsIn(records, "usage")).toBe(1_550n);
  await records.close();
});

test("a row that fails takes no other row of its turn with it", async () => {
  const records = await start(fresh());
  const tooMuch = { cost: 2n ** 64n, partner: 0n, tenant: 0n };
  const outcomes = await Promise.allSettled([
    records.journal.settle(settlement(intent())),
    records.journal.settle(settlement(intent(), { charge: tooMuch })),
    records.journal.settle(settlement(intent())),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(rowsIn(records, "usage")).toBe(2n);
  await records.close();
});

test("an administrator's change that is rolled back takes no journal row with it", async () => {
  const folder = fresh();
  const records = await start(folder);
  await records.store.commit(createModel(model({ slug: "vendor/taken" }), AT));
  const promised = Array.from({ length: 200 }, () => intent());
  const outcomes = promised.map(async (one, index) => {
    const change =
      index % 3 === 0
        ? rejection(
            records.store.commit([
              ...createModel(model(), AT),
              ...createModel(model({ slug: "vendor/taken" }), AT),
            ]),
          )
        : undefined;
    await records.journal.intend(one);
    await records.journal.settle(settlement(one));
    return await change;
  });
  const errors = (await Promise.all(outcomes)).filter((error) => error !== undefined);
  expect(errors.length).toBe(67);
  expect(errors.every((error) => error instanceof WriteConflict)).toBe(true);
  expect((await usageIds(records)).length).toBe(200);
  expect(openIn(folder)).toEqual([]);
  expect((await loadModels(records.store.read)).length).toBe(1);
  await records.close();
});

test("a commit that cannot be written refuses its rows, and no intent is taken until one can", async () => {
  const folder = fresh();
  const records = await start(folder);
  const intruder = new Database(join(folder, "scaigrid.db"));
  intruder.run("begin immediate");
  const outcomes = await Promise.all(
    [intent(), intent()].map((one) => rejection(records.journal.settle(settlement(one)))),
  );
  expect(outcomes.every((error) => error instanceof StoreUnavailable)).toBe(true);
  expect(await rejection(records.journal.intend(intent()))).toBeInstanceOf(StoreUnavailable);
  expect(await rejection(records.store.commit(createModel(model(), AT)))).toBeInstanceOf(StoreUnavailable);
  intruder.run("rollback");
  intruder.close();
  await records.journal.probe();
  const promised = intent();
  await records.journal.intend(promised);
  expect(openIn(folder)).toEqual([promised.requestId]);
  await records.close();
});

test("the next start finds what was left open, with its last checkpoint, and only that", async () => {
  const folder = fresh();
  const former = await start(folder);
  const [settled, quiet, streaming] = [intent(), intent(), intent({ metadata: {} })];
  await Promise.all([settled, quiet, streaming].map((one) => former.journal.intend(one)));
  const progress = (outputTokens: number): Progress => ({
    requestId: streaming.requestId,
    backendId: "be_B",
    outputTokens,
    delivered: true,
  });
  await former.journal.checkpoint([progress(5)]);
  await former.journal.checkpoint([progress(7)]);
  await former.journal.settle(settlement(settled));
  expect(await former.journal.openIntents()).toEqual([]);
  await former.close();

  const next = await start(folder);
  const own = intent();
  await next.journal.intend(own);
  const expected = [{ intent: quiet }, { intent: streaming, progress: progress(7) }];
  expect(await next.journal.openIntents()).toEqual(expected);
  // A checkpoint of this process leaves those of the former one readable until all is settled.
  await next.journal.checkpoint([{ ...progress(1), requestId: own.requestId }]);
  expect(await next.journal.openIntents()).toEqual(expected);
  for (const { intent: open } of expected) {
    await next.journal.settle(settlement(open, { status: "interrupted" }));
  }
  expect(await next.journal.openIntents()).toEqual([]);
  expect(rowsIn(next, "checkpoints")).toBe(1n);
  await next.close();
});

test("an idle process writes no checkpoints", async () => {
  const records = await start(fresh());
  const written = await commits(records, async () => {
    await records.journal.checkpoint([]);
    await records.journal.checkpoint([]);
  });
  expect(written).toBe(0);
  await records.close();
});

test("an intent written by a newer release is refused by name, not misread", async () => {
  const folder = fresh();
  const former = await start(folder);
  await former.close();
  writeFileSync(join(folder, "scaigrid.db-intents-1"), '{"v":2,"requestId":"req_x"}\n');
  const next = await start(folder);
  expect(await rejection(next.journal.openIntents())).toBeInstanceOf(UnreadableRow);
  await next.close();
});

test("closing commits what is waiting and refuses what comes later", async () => {
  const folder = fresh();
  const records = await start(folder);
  const promised = intent();
  const waiting = records.journal.intend(promised);
  await records.close();
  await waiting;
  expect(await rejection(records.journal.intend(intent()))).toBeInstanceOf(StoreUnavailable);
  const again = await openSqliteRecords({
    folder,
    clock: systemClock,
    workers: WORKERS,
    onFailure: failOnBackgroundFailure,
  });
  expect((await again.journal.openIntents()).map((open) => open.intent)).toEqual([promised]);
  await again.close();
});
