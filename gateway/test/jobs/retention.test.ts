import { expect, test } from "bun:test";
import { UsageBooker } from "../../src/jobs/book-usage.ts";
import { deleteOldRecords } from "../../src/jobs/retention.ts";
import { insertTrace } from "../../src/store/requests/writer.ts";
import { newId } from "../../src/base/ids.ts";
import { summarizeUsage } from "../../src/store/usage/reader.ts";
import { put, randomUsage } from "../ledger/random-usage.ts";
import { describeEngines } from "../store/engines.ts";
import { AT, intent, settlement, trace } from "../store/samples.ts";

const DAY = 86_400_000;

describeEngines("retention", (engine) => {
  test("deletes old traces and booked requests; sums, what is not booked and what is younger stay", async () => {
    const { store, books } = await engine.openBooks();
    let now = AT + 3 * DAY;
    const clock = { now: () => now };
    const commit = store.commit.bind(store);
    const booker = new UsageBooker({ clock, books, read: store.read, zoneOf: () => "UTC" });
    const retain = () =>
      deleteOldRecords({ clock, read: store.read, commit, days: { traceDays: 30, usageDays: 400 } });
    await put(store, randomUsage(250, 1));
    await booker.all();
    const old = Array.from({ length: 150 }, () => trace({ requestId: newId("req", AT) }));
    await store.commit(old.map(insertTrace));
    const sums = await summarizeUsage(store.read, { level: "platform" }, {}, "api_key");

    now = AT + 402 * DAY;
    // Settled as long ago, and arrived only now.
    const late = settlement(intent());
    await put(store, [late]);
    const young = trace({ requestId: newId("req", now), startedAt: now });
    await store.commit([insertTrace(young)]);
    await retain();
    const ids = async () => (await store.read.selectFrom("usage").select("id").execute()).map(({ id }) => id);
    expect((await ids()).length).toBe(251);
    const traces = await store.read.selectFrom("requests").select("request_id").execute();
    expect(traces).toEqual([{ request_id: young.requestId }]);

    now = AT + 403 * DAY + 1;
    await retain();
    expect(await ids()).toEqual([late.usageId]);
    const kept = await summarizeUsage(store.read, { level: "platform" }, {}, "api_key");
    expect(kept.filter(({ groupKey }) => groupKey !== "apikey_A")).toEqual(sums);
    await booker.all();
    now += 401 * DAY;
    await retain();
    // The newest stays, so that numbers go on from it.
    expect(await ids()).toEqual([late.usageId]);
    await store.close();
  });
});
