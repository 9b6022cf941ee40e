import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { describePart } from "../parts.ts";
import { pick } from "../harness/json.ts";
import { booksOf, pico } from "./books.ts";
import { Mixed } from "./mixed.ts";
import {
  BUDGETS,
  type Installation,
  makeBudget,
  oneNode,
  spender,
  type Spender,
  standing,
  threeNodes,
} from "./rounds.ts";

/** A million: `npm run test:mixed`, or `SCAIGRID_TEST_MIXED_CALLS=50000 npm run test:mixed`. */
const CALLS = Number(process.env["SCAIGRID_TEST_MIXED_CALLS"] ?? 400);
/** After so many all is held against the upstream's log, and that is cleared. */
const BATCH = 1_500;
const AT_ONCE = 48;
const START_MS = 60_000;
const BATCH_MS = 120_000;
/** In currency units; an answer of a hundred tokens costs a thousandth. */
const RICH = "1000000";
const POOR = "0.5";

describe("calls with every fault, one node", () => proveOn(oneNode));
describePart("postgres", "calls with every fault, three nodes", () => proveOn(threeNodes));

interface Budgeted extends Spender {
  readonly budgets: readonly string[];
}

function proveOn(start: () => Promise<Installation>): void {
  let installation: Installation;
  let fake: FaultUpstream;
  beforeAll(async () => {
    fake = new FaultUpstream();
    installation = await start();
  }, START_MS);
  afterAll(async () => {
    await installation.stop();
    fake.stop();
  });

  async function budgeted(limit: string): Promise<Budgeted> {
    const { nodes } = installation;
    const who = await spender(nodes);
    const scopes = [
      ["api_key", who.keyId],
      ["user", who.userId],
      ["tenant", who.tenantId],
      ["partner", who.partnerId],
    ] as const;
    const budgets = await Promise.all(scopes.map(([scope, id]) => makeBudget(nodes, scope, id, limit)));
    return { ...who, budgets };
  }

  test(
    `${CALLS} of them leave nothing held, and records, counters, ledger and the upstream's log that agree`,
    async () => {
      const { nodes, watch } = installation;
      const mixed = await Mixed.over(nodes, fake);
      const people = { rich: await budgeted(RICH), poor: await budgeted(POOR) };
      const all = [...people.rich.budgets, ...people.poor.budgets];
      const settled = async (): Promise<void> => {
        for (const id of all) expect(await standing(nodes, id)).toMatchObject({ reserved: 0 });
      };
      for (let left = CALLS; left > 0; left -= BATCH) {
        const disagreements = await mixed.send(Math.min(left, BATCH), AT_ONCE, people, settled);
        expect(disagreements.slice(0, 10)).toEqual([]);
      }
      console.log(JSON.stringify({ nodes: nodes.length, ...mixed.figures }));
      expect((await watch?.breaches()) ?? []).toEqual([]);
      // In good order, so that all of it is booked.
      for (const node of nodes) await node.terminate();
      await nodes[0].restart();
      for (const { tenantId, budgets } of [people.rich, people.poor]) {
        const { usage, ledger, rolledUp } = await booksOf(nodes[0], tenantId);
        expect(ledger).toEqual(usage);
        expect(rolledUp).toBe(usage.sale);
        expect(usage.sale).toBeGreaterThan(0n);
        for (const id of budgets) {
          const { body } = await nodes[0].api("GET", `${BUDGETS}/${id}`);
          expect(pico(pick(body, "data.spent.cost"))).toBe(usage.sale);
        }
      }
    },
    Math.ceil(CALLS / BATCH) * BATCH_MS,
  );
}
