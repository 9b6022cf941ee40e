import { expect, test } from "bun:test";
import { newId } from "../../src/base/ids.ts";
import { SizeCap } from "../../src/jobs/size-cap.ts";
import { insertTrace } from "../../src/store/requests/writer.ts";
import { put, randomUsage } from "../ledger/random-usage.ts";
import { describeEngines } from "../store/engines.ts";
import { AT, trace } from "../store/samples.ts";

const HOUR = 3_600_000;
const TRACES = 600;
const WAIT_MS = 20_000;

describeEngines("the size of the store", (engine) => {
  test("is kept below its limit by the oldest traces alone, not by those of the last hour; it is told once, and when it is over", async () => {
    const { store } = await engine.openBooks();
    const now = AT + 10 * HOUR;
    const said: unknown[] = [];
    const capAt = (maxBytes: number): SizeCap =>
      new SizeCap({
        clock: { now: () => now },
        store: { read: store.read, engine: store.engine, commit: (writes) => store.commit(writes) },
        maxBytes,
        isOnDuty: () => true,
        log: { log: (level, event, fields) => void said.push([level, event, fields?.action]) },
      });
    const ids = async (): Promise<readonly string[]> => {
      const rows = await store.read
        .selectFrom("requests")
        .select("request_id")
        .orderBy("request_id")
        .execute();
      return rows.map((row) => row.request_id);
    };
    const alarms = async (): Promise<number> =>
      (await store.read.selectFrom("events").select("id").where("type", "=", "store.size_exceeded").execute())
        .length;
    await put(store, randomUsage(50, 1));
    const usage = async () => (await store.read.selectFrom("usage").select("id").execute()).length;
    const rows = await usage();
    const free = capAt(0);
    await free.run();
    const empty = free.bytes ?? 0;
    const large = "x".repeat(4_000);
    const made = Array.from({ length: TRACES }, (_, n) => {
      const at = n < TRACES - 50 ? AT + n : now - HOUR / 2 + n;
      return trace({ requestId: newId("req", at), startedAt: at, dropped: [large] });
    });
    for (let n = 0; n < TRACES; n += 100) await store.commit(made.slice(n, n + 100).map(insertTrace));
    const before = await ids();

    // PostgreSQL counts the rows of a connection with a later commit of it.
    const deadline = Date.now() + WAIT_MS;
    let [full, known] = [0, -1];
    while (full - empty < TRACES * large.length || full !== known) {
      known = full;
      await store.commit(made.slice(0, 1).map(insertTrace));
      await free.run();
      full = free.bytes ?? 0;
      if (Date.now() > deadline) throw new Error(`${full} bytes after ${empty}`);
      await Bun.sleep(20);
    }
    expect(await ids()).toEqual(before);
    expect(said).toEqual([]);

    // Room for about half of the traces.
    const cap = capAt(Math.floor(empty + (full - empty) / 2));
    await cap.run();
    // What was deleted may not be counted yet: nothing goes twice for it.
    await cap.run();
    const kept = await ids();
    expect(kept.length).toBeGreaterThanOrEqual(50);
    expect(kept.length).toBeLessThan(TRACES);
    expect(kept).toEqual(before.slice(-kept.length));
    expect(await alarms()).toBe(1);
    expect(said).toContainEqual(["warn", "store_size", "exceeded"]);

    // No room at all: what is young stays, and what tells of money.
    const tight = capAt(1);
    for (let n = 0; n < 3; n++) await tight.run();
    expect(await ids()).toEqual(before.slice(-50));
    expect(await usage()).toBe(rows);
    expect([tight.isOver, await alarms()]).toEqual([true, 2]);
    await store.close();
  });
});
