import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { addKey } from "../api/tenancy.ts";
import { withShell } from "../api/store-shell.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { describePart } from "../parts.ts";
import {
  BUDGETS,
  eachRound,
  type Installation,
  makeBudget,
  model,
  type Nodes,
  oneNode,
  ROUNDS,
  spender,
  standing,
  tally,
  threeNodes,
  together,
} from "./rounds.ts";

const ROUND_MS = 60_000;
/** A round takes seconds here: of a thousand of the others a hundred. */
const EDGE_ROUNDS = Math.ceil(ROUNDS / 10);
const START_MS = 60_000;
const HOLDS = 37;
const CALLERS = 60;
/** So long before its end a window is used up. */
const WINDOW_MS = 1_500;

describe("at the edges of a budget, one node", () => proveOn(oneNode));
describePart("postgres", "at the edges of a budget, three nodes", () => proveOn(threeNodes));

function proveOn(start: () => Promise<Installation>): void {
  let installation: Installation;
  let fake: FaultUpstream;
  let nodes: Nodes;
  let quick: string;
  beforeAll(async () => {
    fake = new FaultUpstream();
    installation = await start();
    nodes = installation.nodes;
    quick = await model(nodes, fake, "fake-ok?tokens=100");
  }, START_MS);
  const figures = { rounds: 0 };
  const beganAt = performance.now();
  afterAll(async () => {
    await installation.stop();
    fake.stop();
    const seconds = Math.round((performance.now() - beganAt) / 1_000);
    console.log(JSON.stringify({ edges: true, nodes: nodes.length, ...figures, seconds }));
  });
  const rounds = async (round: (n: number) => Promise<void>, sideBySide?: number): Promise<void> => {
    await eachRound(EDGE_ROUNDS, round, sideBySide);
    figures.rounds += EDGE_ROUNDS;
    expect((await installation.watch?.breaches()) ?? []).toEqual([]);
  };

  /** Calls until nobody is served any more; how many were. */
  async function useUp(who: Parameters<typeof together>[2]): Promise<number> {
    for (let served = 0; ;) {
      const seen = tally(await together(nodes, CALLERS, who, quick));
      expect(Object.keys(seen).filter((name) => !/^(200|BUDGET_.*)$/.test(name))).toEqual([]);
      served += seen["200"] ?? 0;
      if (seen["BUDGET_EXCEEDED"] === CALLERS) return served;
    }
  }

  test(
    `the first requests of a new key, on every node, are no more than its budget affords, ${EDGE_ROUNDS} times`,
    () =>
      rounds(async () => {
        const who = await spender(nodes);
        const budget = { period: "total", cost_limit: "0.007" };
        const key = await addKey(nodes[0], who.userId, { budget });
        expect(await useUp({ ...who, key })).toBe(7);
      }),
    EDGE_ROUNDS * ROUND_MS,
  );

  test(
    `a window that ends under load and the next are each used to their last request and no further, ${EDGE_ROUNDS} times`,
    () =>
      rounds(
        async () => {
          const who = await spender(nodes);
          const id = await makeBudget(nodes, "user", who.userId, String(HOLDS / 1_000), "daily");
          expect((await together(nodes, 1, who, quick))[0]?.status).toBe(200);
          await standing(nodes, id);
          const end = await endSoon(nodes, id);
          let served = 1;
          while (Date.now() < end + 500) {
            served += tally(await together(nodes, CALLERS, who, quick))["200"] ?? 0;
          }
          served += await useUp(who);
          await standing(nodes, id);
          const spent = await windowsOf(nodes, id);
          expect(spent.reduce((sum, each) => sum + each, 0)).toBe(served);
          expect(spent).toHaveLength(2);
          expect(spent[0]).toBeLessThanOrEqual(HOLDS);
          expect(spent[1]).toBe(HOLDS);
          // Where one node has its store to itself, it is started anew for each of them.
        },
        nodes.length === 1 ? 1 : undefined,
      ),
    EDGE_ROUNDS * ROUND_MS,
  );

  test(
    `a limit that is lowered is in force for the next request, whatever is in flight, ${EDGE_ROUNDS} times`,
    () =>
      rounds(async (round) => {
        const gate = `lowered-${round}`;
        const slow = await model(nodes, fake, `fake-ok?tokens=50&gate=${gate}`);
        const who = await spender(nodes);
        const id = await makeBudget(nodes, "user", who.userId, String(HOLDS / 1_000));
        const calls = together(nodes, HOLDS, who, slow);
        const arrived = (): number => fake.log.records.filter(({ plan }) => plan.endsWith(gate)).length;
        while (arrived() < HOLDS) await Bun.sleep(5);
        const lowered = await nodes[0].api("PATCH", `${BUDGETS}/${id}`, { body: { cost_limit: "0.01" } });
        expect(lowered.status).toBe(200);
        expect(tally(await together(nodes, CALLERS, who, quick))).toEqual({ BUDGET_RESERVED: CALLERS });
        fake.gates.open(gate);
        expect(tally(await calls)).toEqual({ 200: HOLDS });
        expect(await standing(nodes, id)).toEqual({ spent: HOLDS / 2, reserved: 0 });
        expect(tally(await together(nodes, CALLERS, who, quick))).toEqual({ BUDGET_EXCEEDED: CALLERS });
      }),
    EDGE_ROUNDS * ROUND_MS,
  );

  test(
    `a limit that is lowered while callers are let in by the dozen lets in no more of them, ${EDGE_ROUNDS} times`,
    () =>
      rounds(async () => {
        const who = await spender(nodes);
        const id = await makeBudget(nodes, "user", who.userId, "0.2");
        const lower = async (): Promise<void> => {
          const limit = String((1 + Math.floor(Math.random() * 150)) / 1_000);
          await nodes[0].api("PATCH", `${BUDGETS}/${id}`, { body: { cost_limit: limit } });
        };
        const [seen] = await Promise.all([together(nodes, 150, who, quick), lower()]);
        const served = (tally(seen)["200"] ?? 0) + (await useUp(who));
        expect(served).toBeLessThanOrEqual(150);
        expect(await standing(nodes, id)).toEqual({ spent: served, reserved: 0 });
      }),
    EDGE_ROUNDS * ROUND_MS,
  );
}

/** Has the running window of a budget end in a moment; the instant at which it does. */
async function endSoon(nodes: Nodes, id: string): Promise<number> {
  const [node] = nodes;
  // A node that has its store to itself keeps windows in memory.
  const alone = nodes.length === 1;
  if (alone) await node.terminate();
  const end = Date.now() + WINDOW_MS;
  await withShell(node, (store) =>
    store.run("update budget_windows set ends_at = ? where budget_id = ?", [end, id]),
  );
  if (alone) await node.restart();
  return end;
}

/** What was spent in each window of a budget, in thousandths, the oldest first. */
async function windowsOf([node]: Nodes, id: string): Promise<number[]> {
  const rows = await withShell(node, (store) =>
    store.all("select spent_pico as pico from budget_windows where budget_id = ? order by starts_at", [id]),
  );
  return rows.map(({ pico }) => Number(pico) / 1_000_000_000);
}
