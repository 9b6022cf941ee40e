import { expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import type { Measure } from "../../src/core/budget.ts";
import type { OpenRequest } from "../../src/settlement/budgets/arming.ts";
import { Reassertion } from "../../src/settlement/budgets/reassertion.ts";
import { SharedAuthority } from "../../src/settlement/budgets/shared-authority.ts";
import { findBudget } from "../../src/store/budgets/reader.ts";
import { createBudget, rearmBudget, updateBudget } from "../../src/store/budgets/writer.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { SharedHolds } from "../../src/store/budgets/shared-holds.ts";
import { Nodes } from "../../src/store/nodes/nodes.ts";
import { forgiveNode, retireNode } from "../../src/store/nodes/writer.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { createPartner } from "../../src/store/tenancy/writer.ts";
import { rowJson } from "../../src/store/row-json.ts";
import { usageRow } from "../../src/store/usage/record.ts";
import { describePart } from "../parts.ts";
import { addressOf, postgresEngine, rejection } from "./engines.ts";
import { intent, partner, settlement } from "./samples.ts";

const LIMIT = 10n;
/** Counters of a window that is not there. */
const NOTHING_YET = [NaN, NaN, NaN, NaN];

describePart("postgres", "what nodes set aside in PostgreSQL", (server) => {
  const engine = postgresEngine(server);

  /** A store with a budget of ten pico, and two nodes. */
  async function open() {
    await (await engine.open()).close();
    const url = new URL(server);
    url.pathname = `/${engine.database()}`;
    const address = addressOf(url.href);
    const store = await openPostgresStore({ address, clock: systemClock, poolSize: 2, pooler: false });
    const [nodes, holds] = [new Nodes(store.run), new SharedHolds(store.run)];
    const owner = partner();
    const budget = {
      id: newId("budget", Date.now()),
      scope: "partner",
      scopeId: owner.id,
      partnerId: owner.id,
      period: "total",
      limits: { pico: LIMIT },
      softLimit: 8_000,
      hardAction: "block",
      setBy: "platform",
      createdAt: 0,
      armedAt: 0,
    } as const;
    await store.commit([...createPartner(owner, 0), ...createBudget(budget, 0)]);
    const ids = [newId("node", Date.now()), newId("node", Date.now())] as const;
    for (const id of ids)
      await nodes.register({ id, startedAt: Date.now(), version: "1", host: "h", mode: "all" });
    let turns = 0n;
    let seq = 0n;
    const need = (pico: bigint): Measure => ({ pico, tokens: 0, requests: 0 });
    return {
      store,
      nodes,
      holds,
      ids,
      budgetId: budget.id,
      turn: () => ++turns,
      hold: async (nodeId: string, requestId: string, pico: bigint, turn = ++turns) => {
        const wants = [{ budgetId: budget.id, zone: "UTC", ...need(pico) }];
        const { kind, answers } = await holds.hold(nodeId, turn, [{ requestId, wants }]);
        return answers?.[0] ?? kind;
      },
      /** Books what a request has come to, as its node does. */
      settle: async (nodeId: string, requestId: string, pico: bigint) => {
        const part = { budgetId: budget.id, price: "partner", window: { start: 0 }, ...need(pico) } as const;
        const row = usageRow(settlement(intent({ requestId }), { budgets: [part] }));
        await nodes.receive({ nodeId, from: seq, to: ++seq, rows: [rowJson(row)] });
      },
      silence: (id: string) => store.run("update nodes set heard_at = heard_at - 61000 where id = $1", [id]),
      /** Spent, held and retired, as the window counts them, and the number of holds. */
      counters: async () => {
        const [row] = await store.run(
          "select spent_pico::text, trunc(held_pico)::text as held, trunc(retired_pico)::text as retired, " +
            "(select count(*) from budget_holds)::text as holds from budget_windows",
          [],
        );
        return [row?.["spent_pico"], row?.["held"], row?.["retired"], row?.["holds"]].map(Number);
      },
    };
  }

  const request = () => newId("req", Date.now());

  test("holds what went on while the store was away, before a budget that begins to block is armed", async () => {
    const world = await open();
    const { holds, budgetId, store } = world;
    const [near, far] = world.ids;
    const scope = { level: "platform" } as const;
    const change = (hardAction: "block" | "notify", atMs: number) =>
      store.commit(updateBudget(budgetId, { hardAction }, scope, atMs));
    const budget = async () => {
      const found = await findBudget(store.control, budgetId);
      if (found === undefined) throw new Error("the budget is gone");
      return found;
    };
    await change("notify", 1);
    const lenient = await budget();
    await holds.acknowledge(lenient, near, 60_000);
    expect(await holds.acknowledge(lenient, far, 60_000)).toBe(true);
    // A call that finds no store, and that nothing can speak against.
    let isBlocking = false;
    const away = () => Promise.reject(new StoreUnavailable("away"));
    const authority = new SharedAuthority({
      clock: systemClock,
      holds: { hold: away, free: away, standings: away },
      nodeId: near,
      zoneOf: () => "UTC",
      blocks: () => isBlocking,
      flush: () => Promise.resolve(),
    });
    const most = { bound: { cost: 0n, partner: 6n, tenant: 6n }, tokens: 0 };
    const ask = () => authority.hold("req_unheld", [lenient], most);
    const { parts: budgets } = await ask();
    const requestId = request();
    const inFlight: OpenRequest[] = [];
    expect(budgets).toMatchObject([{ budgetId, pico: 6n }]);

    await change("block", 7);
    isBlocking = true;
    // Its node knows by now, whatever the call began with.
    expect(await rejection(ask())).toBeInstanceOf(StoreUnavailable);
    const strict = await budget();
    expect(strict.rearmingAt).toBe(7);
    // What was acknowledged was another budget, and can be no more.
    for (const id of world.ids) expect(await holds.acknowledge(lenient, id, 60_000)).toBe(false);
    const { storeStart } = await world.nodes.beat(near, 0);
    const reassertion = new Reassertion({
      holds,
      nodeId: near,
      storeStart: () => storeStart,
      resend: () => Promise.resolve(),
      flush: () => Promise.resolve(),
      openRequests: () => inFlight,
      unsettled: { intents: () => [] },
      free: () => Promise.resolve(),
    });
    await reassertion.run();
    inFlight.push({ intent: intent({ requestId, budgets }), tokensMax: 0, isSettling: false });
    // The server is the one it was.
    await reassertion.run();
    expect(await world.counters()).toEqual(NOTHING_YET);
    await reassertion.again();
    await reassertion.again();
    expect(await world.counters()).toEqual([0, 6, 0, 1]);
    expect(await world.hold(far, request(), 5n)).toMatchObject({ isHeld: false });
    expect(await holds.acknowledge(strict, near, 60_000)).toBe(false);
    expect(await holds.acknowledge(strict, far, 60_000)).toBe(true);
    await store.commit(rearmBudget(budgetId, 7, 8));
    expect((await budget()).rearmingAt).toBeUndefined();
    expect(await rejection(store.commit(rearmBudget(budgetId, 7, 9)))).toMatchObject({ kind: "missing" });
    // One that blocks already is not armed anew.
    await change("block", 10);
    expect((await budget()).rearmingAt).toBeUndefined();
    await world.settle(near, requestId, 6n);
    expect(await world.counters()).toEqual([6, 0, 0, 0]);
    await store.close();
  });

  test("of a node that is lost counts as spent: whoever wants it is told whose it is", async () => {
    const world = await open();
    const [lost, alive] = world.ids;
    await world.hold(lost, request(), 6n);
    expect(await world.hold(alive, request(), 5n)).toMatchObject({
      isHeld: false,
      standings: [{ held: { pico: 6n } }],
    });
    await world.silence(lost);
    await world.hold(alive, request(), 1n);
    expect(await world.hold(alive, request(), 5n)).toMatchObject({
      isHeld: false,
      standings: [{ held: { pico: 1n }, away: { pico: 6n, nodeIds: [lost] } }],
    });
    expect(await world.counters()).toEqual([0, 7, 0, 2]);
    await world.store.close();
  });

  test("stays counted when a node is retired; what it settles later is booked, and what is forgiven is free", async () => {
    const world = await open();
    const [gone, alive] = world.ids;
    const [first, second, third] = [request(), request(), request()];
    for (const id of [first, second, third]) await world.hold(gone, id, 3n);
    await world.store.commit(retireNode(gone));
    expect(await world.counters()).toEqual([0, 0, 9, 3]);
    expect(await world.hold(gone, request(), 1n)).toBe("out_of_turn");
    expect(await world.holds.free(gone, world.turn(), [{ requestId: first, budgetId: undefined }])).toBe(
      false,
    );
    const verdict = {
      isHeld: false,
      standings: [{ held: { pico: 0n }, away: { pico: 9n, nodeIds: [gone] } }],
    };
    expect(await world.hold(alive, request(), 2n)).toMatchObject(verdict);
    expect(await world.hold(alive, request(), 1n)).toMatchObject({ isHeld: true });
    await world.settle(gone, first, 2n);
    expect(await world.counters()).toEqual([2, 1, 6, 3]);
    await world.store.commit(forgiveNode(gone));
    expect(await world.counters()).toEqual([2, 1, 0, 1]);
    await world.settle(gone, second, 2n);
    expect(await world.counters()).toEqual([4, 1, 0, 1]);
    expect(await rejection(world.store.commit(retireNode(gone)))).toMatchObject({ kind: "stale" });
    expect(await rejection(world.store.commit(forgiveNode(alive)))).toMatchObject({ kind: "stale" });
    await world.nodes.close(alive);
    expect(await world.counters()).toEqual([4, 0, 0, 0]);
    await world.store.close();
  });

  test("by a statement that comes late changes nothing, and what a lost one has done is given back by the next", async () => {
    const world = await open();
    const [node] = world.ids;
    const [lost, late] = [request(), request()];
    await world.hold(node, lost, 6n, 1n);
    expect(await world.holds.free(node, 3n, [{ requestId: lost, budgetId: undefined }])).toBe(true);
    expect(await world.counters()).toEqual([0, 0, 0, 0]);
    expect(await world.hold(node, late, 6n, 2n)).toBe("out_of_turn");
    expect(await world.hold(node, request(), 10n, 4n)).toMatchObject({ isHeld: true });
    await world.store.close();
  });

  test("after the server has begun anew is told again before anybody may hold more, even beyond the limit", async () => {
    const world = await open();
    const { store, nodes, holds, budgetId } = world;
    const [one, two] = world.ids;
    const [running, settled, givenUp] = [request(), request(), request()];
    // A server that was set back knows of one again that its node has given up since.
    await world.hold(one, givenUp, 1n);
    // As if another server had gone on where this one is: it knows neither of the hold nor of this start.
    await store.run("delete from store_starts", []);
    expect(await world.hold(one, request(), 1n)).toBe("waits");
    const { storeStart } = await nodes.beat(one, 0);
    await world.settle(one, settled, 4n);
    const window = { start: 0 };
    const asserted = [running, settled].map((requestId) => ({
      requestId,
      budgetId,
      window,
      pico: 8n,
      tokens: 0,
      requests: 0,
    }));
    expect(await holds.reassert(one, "1-00000001", asserted)).toBe(false);
    expect(await holds.reassert(one, storeStart, asserted)).toBe(true);
    expect(await holds.reassert(one, storeStart, asserted)).toBe(true);
    expect(await world.counters()).toEqual([4, 8, 0, 1]);
    await store.run("update store_starts set seen_at = seen_at - 2000", []);
    // The other was heard in the minute before, and has not told what it holds.
    expect(await world.hold(one, request(), 1n)).toBe("waits");
    expect(await holds.reassert(two, storeStart, [])).toBe(true);
    expect(await world.hold(one, request(), 1n)).toMatchObject({ isHeld: false });
    await world.settle(one, running, 5n);
    expect(await world.hold(one, request(), 1n)).toMatchObject({ isHeld: true });
    expect(await world.counters()).toEqual([9, 1, 0, 1]);
    await store.close();
  });

  test("after the server has begun anew is not waited for longer than ten seconds, nor of nodes silent long before", async () => {
    const world = await open();
    const { store } = world;
    const [one, two] = world.ids;
    await store.run("delete from store_starts", []);
    expect(await world.hold(one, request(), 1n)).toBe("waits");
    await store.run("update store_starts set seen_at = seen_at - 10000", []);
    expect(await world.hold(one, request(), 1n)).toMatchObject({ isHeld: true });
    await store.run("delete from store_starts", []);
    await world.silence(two);
    const { storeStart } = await world.nodes.beat(one, 0);
    await world.holds.reassert(one, storeStart, []);
    await store.run("update store_starts set seen_at = seen_at - 2000", []);
    expect(await world.hold(one, request(), 1n)).toMatchObject({ isHeld: true });
    await store.close();
  });
});
