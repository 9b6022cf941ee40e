import { expect, test } from "bun:test";
import { deleteOldTraffic, TrafficKeeper } from "../../src/jobs/keep-traffic.ts";
import { readTraffic } from "../../src/store/traffic/reader.ts";
import { Traffic } from "../../src/telemetry/traffic.ts";
import { describeEngines } from "../store/engines.ts";
import { AT, trace } from "../store/samples.ts";

const HOUR = 3_600_000;
const PLATFORM = { level: "platform", id: "" } as const;

describeEngines("traffic", (engine) => {
  test("of each node is kept once, whatever could not be written at first, and goes when its time is over", async () => {
    const store = await engine.open();
    const commit = store.commit.bind(store);
    let isDown = true;
    const nodes = ["node_A", "node_B"].map((nodeId) => {
      const traffic = new Traffic();
      const keeper = new TrafficKeeper({
        traffic,
        nodeId,
        commit: (writes) => (isDown ? Promise.reject(new Error("down")) : commit(writes)),
      });
      return { traffic, keeper };
    });
    for (const { traffic, keeper } of nodes) {
      traffic.note(trace({ startedAt: AT }));
      await expect(keeper.keep()).rejects.toThrow("down");
    }
    isDown = false;
    for (const { traffic, keeper } of nodes) {
      await keeper.keep();
      traffic.note(trace({ startedAt: AT, outcome: "failed" }));
      await Promise.all([keeper.keep(), keeper.keep()]);
    }
    const kept = async () =>
      (await readTraffic(store.read, PLATFORM, AT - HOUR)).map(({ outcomes }) => outcomes);
    const each = { completed: 1, client_gone: 0, failed: 1, refused: 0 };
    expect(await kept()).toEqual([each, each]);

    const remove = (now: number) =>
      deleteOldTraffic({ clock: { now: () => now }, read: store.read, commit: (writes) => commit(writes) });
    await remove(AT + 24 * HOUR);
    expect(await kept()).toHaveLength(2);
    await remove(AT + 26 * HOUR);
    expect(await store.read.selectFrom("traffic").select("minute").execute()).toEqual([]);
    await store.close();
  });
});
