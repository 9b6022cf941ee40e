import { expect, test } from "bun:test";
import { newId } from "../../src/base/ids.ts";
import { deleteOldEvents } from "../../src/jobs/old-events.ts";
import { addEvents } from "../../src/store/events/writer.ts";
import { describeEngines } from "../store/engines.ts";
import { AT } from "../store/samples.ts";

/** Seven days. */
const EVENT_LIFE_MS = 7 * 86_400_000;

describeEngines("old events", (engine) => {
  test("are deleted once their time is over, and no younger ones", async () => {
    const store = await engine.open();
    const ages = [...Array.from({ length: 450 }, (_, n) => EVENT_LIFE_MS + 1 + n), EVENT_LIFE_MS - 1, 0];
    const events = ages.map((ageMs) => {
      const at = AT - ageMs;
      return { id: newId("evt", at), type: "user.updated" as const, payload: {}, at };
    });
    await store.commit(addEvents(events));
    const clock = { now: () => AT, monotonic: () => 0 };
    await deleteOldEvents({
      clock,
      config: { eventDays: 7 },
      read: store.read,
      commit: (writes) => store.commit(writes),
    });
    const left = await store.read.selectFrom("events").select("at").orderBy("id").execute();
    expect(left.map((row) => AT - Number(row.at))).toEqual([EVENT_LIFE_MS - 1, 0]);
    await store.close();
  });
});
