import { expect, test } from "bun:test";
import { systemClock as clock } from "../../src/base/clock.ts";
import { recover, type RecoveryDeps, type SetAside } from "../../src/settlement/recover.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { listUsage } from "../../src/store/usage/reader.ts";
import { freshFolders, start } from "../journal/records.ts";
import { rejection } from "../store/engines.ts";
import { intent } from "../store/samples.ts";

const fresh = freshFolders();

function listening(): { readonly told: SetAside[]; readonly deps: RecoveryDeps } {
  const told: SetAside[] = [];
  const onSetAside = (setAside: SetAside): void => void told.push(setAside);
  return { told, deps: { clock, priceOf: () => undefined, onUnpriced: () => undefined, onSetAside } };
}

test("a settlement that the journal will not take is set aside, start after start, until it can be taken", async () => {
  const folder = fresh();
  const [good, bad] = [intent(), intent()];
  const first = await start(folder);
  await Promise.all([first.journal.intend(bad), first.journal.intend(good)]);
  first.writer
    .statement(
      `create trigger refuse before insert on usage when new.request_id = '${bad.requestId}' ` +
        "begin select raise(abort, 'no such row'); end",
    )
    .all([]);
  await first.close();
  for (const settled of [1, 0]) {
    const { told, deps } = listening();
    const records = await start(folder);
    expect(await recover(records.journal, deps)).toBe(settled);
    expect(told).toEqual([{ requestId: bad.requestId, reason: expect.stringContaining("no such row") }]);
    await records.close();
  }
  const last = await start(folder);
  last.writer.statement("drop trigger refuse").all([]);
  const { told, deps } = listening();
  expect(await recover(last.journal, deps)).toBe(1);
  expect(told).toEqual([]);
  const usage = await listUsage(last.store.read, { level: "platform" }, {}, { limit: 10 });
  expect(usage.map(({ requestId }) => requestId).toSorted()).toEqual(
    [good.requestId, bad.requestId].toSorted(),
  );
  await last.close();
});

test("a store that cannot be written sets nothing aside: the start ends and says so", async () => {
  const { told, deps } = listening();
  const journal = {
    openIntents: () => Promise.resolve([{ intent: intent() }]),
    settle: () => Promise.reject(new StoreUnavailable("locked")),
    intend: () => Promise.resolve(),
    checkpoint: () => Promise.resolve(),
    pending: () => 0,
    close: () => Promise.resolve(),
  };
  expect(await rejection(recover(journal, deps))).toBeInstanceOf(StoreUnavailable);
  expect(told).toEqual([]);
});
