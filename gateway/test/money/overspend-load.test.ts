import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { describePart } from "../parts.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import {
  CALLERS,
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
const START_MS = 60_000;
/** What the budget affords. */
const HOLDS = 37;
/** What arrived is looked for among so many calls, every few milliseconds. */
const RECORDS_MAX = 4_000;

describe(`${CALLERS} callers at once on one node`, () => proveOn(oneNode));
describePart("postgres", `${CALLERS} callers at once on three nodes`, () => proveOn(threeNodes));

function proveOn(start: () => Promise<Installation>): void {
  let installation: Installation;
  let fake: FaultUpstream;
  let nodes: Nodes;
  beforeAll(async () => {
    fake = new FaultUpstream({ recordsMax: RECORDS_MAX });
    installation = await start();
    nodes = installation.nodes;
  }, START_MS);
  /** `overspent` and `leftHeld` in thousandths, over all budgets that were used up. */
  const figures = { usedUp: 0, mostInFlight: 0, overspent: 0, leftHeld: 0 };
  const count = async (id: string, limit: number): Promise<void> => {
    const { spent, reserved } = await standing(nodes, id);
    figures.usedUp++;
    figures.overspent += Math.max(0, spent - limit);
    figures.leftHeld += reserved;
    expect([figures.overspent, figures.leftHeld]).toEqual([0, 0]);
  };
  const nowhereBreached = async (): Promise<void> =>
    expect((await installation.watch?.breaches()) ?? []).toEqual([]);
  const beganAt = performance.now();
  afterAll(async () => {
    const raisedInStore = await installation.watch?.raised();
    const seconds = Math.round((performance.now() - beganAt) / 1_000);
    console.log(JSON.stringify({ nodes: nodes.length, rounds: ROUNDS, ...figures, raisedInStore, seconds }));
    await installation.stop();
    fake.stop();
  });

  test(
    `are never more in flight than the ${HOLDS} a budget affords, ${ROUNDS} times`,
    () =>
      eachRound(ROUNDS, async (round) => {
        const gate = `round-${round}`;
        const slug = await model(nodes, fake, `fake-ok?tokens=50&gate=${gate}`);
        const who = await spender(nodes);
        const id = await makeBudget(nodes, "user", who.userId, "0.037");
        const answered: true[] = [];
        const calls = together(nodes, CALLERS, who, slug, () => answered.push(true));
        const arrived = (): number => fake.log.records.filter(({ plan }) => plan.endsWith(gate)).length;
        while (arrived() < HOLDS || answered.length < CALLERS - HOLDS) {
          if (arrived() > HOLDS) throw new Error(`${arrived()} are in flight, ${HOLDS} can be paid for`);
          await Bun.sleep(5);
        }
        fake.gates.open(gate);
        const first = await calls;
        expect(tally(first)).toEqual({ 200: HOLDS, BUDGET_RESERVED: CALLERS - HOLDS });
        expect(arrived()).toBe(HOLDS);
        figures.mostInFlight = Math.max(figures.mostInFlight, arrived());
        // Each has cost half of what was set aside for it: the budget goes on to its last affordable request.
        let spent = HOLDS / 2;
        for (;;) {
          expect(await standing(nodes, id)).toEqual({ spent, reserved: 0 });
          const affordable = Math.floor(HOLDS - spent);
          const more = tally(await together(nodes, affordable + 1, who, slug));
          if (affordable === 0) {
            expect(more).toEqual({ BUDGET_EXCEEDED: 1 });
            break;
          }
          // One too many: whether it met the others in flight, or what they had left behind.
          expect(more["200"] ?? 0).toBeGreaterThanOrEqual(affordable);
          spent += (more["200"] ?? 0) / 2;
        }
        await count(id, HOLDS);
        await nowhereBreached();
      }),
    ROUNDS * ROUND_MS,
  );

  test(
    `never pass the tightest of the budgets of key, user, tenant and partner, ${ROUNDS} times`,
    async () => {
      const slug = await model(nodes, fake, "fake-ok?tokens=100");
      await eachRound(ROUNDS, async () => {
        const who = await spender(nodes);
        const limits = Array.from({ length: 4 }, () => 1 + Math.floor(Math.random() * 60));
        const scopes = [
          ["api_key", who.keyId],
          ["user", who.userId],
          ["tenant", who.tenantId],
          ["partner", who.partnerId],
        ] as const;
        const ids = await Promise.all(
          scopes.map(([scope, scopeId], place) =>
            makeBudget(nodes, scope, scopeId, String((limits[place] ?? 0) / 1_000)),
          ),
        );
        const tightest = Math.min(...limits);
        let served = 0;
        for (let seen: Readonly<Record<string, number>> = {}; (seen["BUDGET_EXCEEDED"] ?? 0) < 100;) {
          seen = tally(await together(nodes, 100, who, slug));
          served += seen["200"] ?? 0;
          expect(Object.keys(seen)).not.toContain("INTERNAL_ERROR");
          expect(served).toBeLessThanOrEqual(tightest);
        }
        expect(served).toBe(tightest);
        for (const id of ids) expect(await standing(nodes, id)).toEqual({ spent: tightest, reserved: 0 });
        for (const [place, id] of ids.entries()) await count(id, limits[place] ?? 0);
        await nowhereBreached();
      });
    },
    ROUNDS * ROUND_MS,
  );
}
