import { expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { tellLostNodes } from "../../src/jobs/lost-nodes.ts";
import { LOST_MS, Nodes } from "../../src/store/nodes/nodes.ts";
import { listNodes } from "../../src/store/nodes/reader.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import type { Write } from "../../src/store/write.ts";
import { describePart } from "../parts.ts";
import { addressOf, postgresEngine } from "./engines.ts";

describePart("postgres", "nodes in PostgreSQL", (server) => {
  const engine = postgresEngine(server);

  async function open() {
    await (await engine.open()).close();
    const url = new URL(server);
    url.pathname = `/${engine.database()}`;
    const address = addressOf(url.href);
    const store = await openPostgresStore({ address, clock: systemClock, poolSize: 2, pooler: false });
    const nodes = new Nodes(store.run);
    return {
      store,
      nodes,
      node: async () => {
        const id = newId("node", Date.now());
        await nodes.register({ id, startedAt: Date.now(), version: "1", host: "h", mode: "all" });
        return id;
      },
      /** As if the store had heard nothing of it for so long. */
      silence: (id: string, ms: number) =>
        store.run("update nodes set heard_at = heard_at - $2 where id = $1", [id, BigInt(ms)]),
    };
  }

  test("are alive while the store has heard them within ten seconds by its own clock and nobody has closed them", async () => {
    const { store, nodes, node, silence } = await open();
    const [one, two, silent, ended] = [await node(), await node(), await node(), await node()];
    await nodes.beat(two, 1_000);
    await silence(silent, 11_000);
    await nodes.close(ended);
    expect(await nodes.beat(one, 5_000)).toEqual({
      isKnown: true,
      isClosed: false,
      quarantined: 0,
      storeStart: expect.stringMatching(/^\d+-[0-9A-F]{8}$/),
      others: [two],
      othersFlushedAt: 1_000,
    });
    expect(await nodes.beat(ended, 0)).toMatchObject({ isKnown: true, isClosed: true });
    expect(await nodes.beat(newId("node", 0), 0)).toMatchObject({ isKnown: false, isClosed: false });
    const listed = await listNodes(store.read, { limit: 10 });
    const silences = new Map(listed.map(({ id, silentMs }) => [id, silentMs]));
    expect(silences.get(silent)).toBeGreaterThan(10_999);
    expect(silences.get(one)).toBeLessThan(10_000);
    // One that is heard again is alive again.
    await nodes.beat(silent, 2_000);
    expect((await nodes.beat(one, 5_000)).others).toEqual([two, silent].toSorted());
    await store.close();
  });

  test("that nobody has heard of for a minute are told of once for each silence, with what they hold; closed ones never", async () => {
    const { store, nodes, node, silence } = await open();
    const [alive, lost, ended] = [await node(), await node(), await node()];
    await store.run(
      "insert into budget_holds (request_id, budget_id, node_id, starts_at, pico, tokens, requests) values ('req_1', 'budget_1', $1, 0, 1, 1, 1)",
      [lost],
    );
    await nodes.close(ended);
    for (const id of [lost, ended]) await silence(id, LOST_MS + 1_000);
    await silence(alive, LOST_MS - 20_000);
    const logged: unknown[] = [];
    const deps = {
      clock: systemClock,
      read: store.read,
      commit: (writes: readonly Write[]) => store.commit(writes),
      log: {
        log: (_level: string, event: string, fields: object = {}) => void logged.push({ event, ...fields }),
      },
    };
    // Two nodes on duty at once tell of it once, too.
    await Promise.all([tellLostNodes(deps), tellLostNodes(deps)]);
    await tellLostNodes(deps);
    const events = async () => {
      const rows = await store.run("select payload from events where type = 'node.lost' order by id", []);
      return rows.map(({ payload }) => JSON.parse(String(payload)));
    };
    const told = { node_id: lost, host: "h", heard_at: expect.any(String), holds: 1 };
    expect(await events()).toEqual([told]);
    expect(logged).toEqual([{ event: "node_lost", node_id: lost, count: 1 }]);
    // Back, and gone again.
    await nodes.beat(lost, 0);
    await tellLostNodes(deps);
    expect(await events()).toHaveLength(1);
    await silence(lost, LOST_MS + 1_000);
    await tellLostNodes(deps);
    expect(await events()).toEqual([told, told]);
    await store.close();
  });
});
