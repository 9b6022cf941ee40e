import { expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import type { Budget, BudgetPart } from "../../src/core/budget.ts";
import { openSqliteRecords } from "../../src/journal/open.ts";
import { rowJson } from "../../src/store/row-json.ts";
import { createBudget } from "../../src/store/budgets/writer.ts";
import { lastWindows } from "../../src/store/budgets/reader.ts";
import { SharedHolds } from "../../src/store/budgets/shared-holds.ts";
import { Nodes } from "../../src/store/nodes/nodes.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import type { Store } from "../../src/store/store.ts";
import { createPartner } from "../../src/store/tenancy/writer.ts";
import { usageRow } from "../../src/store/usage/record.ts";
import { describePart } from "../parts.ts";
import { addressOf, failOnBackgroundFailure, postgresEngine, temporaryFolder } from "../store/engines.ts";
import { AT, intent, partner, settlement } from "../store/samples.ts";
import { WORKERS } from "../store/worker-files.ts";

const PART: Omit<BudgetPart, "budgetId"> = {
  price: "partner",
  window: { start: 0 },
  pico: 7n,
  tokens: 5,
  requests: 1,
};

/** A budget that has no end, with this limit. */
async function budgetIn(store: Store, limit: bigint): Promise<string> {
  const over = partner();
  const budget: Budget = {
    id: newId("budget", AT),
    scope: "partner",
    scopeId: over.id,
    partnerId: over.id,
    period: "total",
    limits: { pico: limit },
    softLimit: 8_000,
    hardAction: "block",
    setBy: "platform",
    createdAt: AT,
    armedAt: AT,
  };
  await store.commit([...createPartner(over, AT), ...createBudget(budget, AT)]);
  return budget.id;
}

test("a settlement that is kept twice moves its budgets once", async () => {
  const records = await openSqliteRecords({
    folder: temporaryFolder(),
    clock: systemClock,
    workers: WORKERS,
    onFailure: failOnBackgroundFailure,
  });
  const budgetId = await budgetIn(records.store, 100n);
  const settled = settlement(intent(), { budgets: [{ budgetId, ...PART }] });
  await Promise.all([records.journal.settle(settled), records.journal.settle(settled)]);
  await records.journal.settle(settled);
  const { pico, tokens, requests } = PART;
  expect(await lastWindows(records.store.read)).toEqual([
    { budgetId, window: { start: 0 }, spent: { pico, tokens, requests } },
  ]);
  await records.close();
});

describePart("postgres", "budgets that nodes share", (server) => {
  const engine = postgresEngine(server);

  async function open() {
    const made = await engine.open();
    const url = new URL(server);
    url.pathname = `/${engine.database()}`;
    const address = addressOf(url.href);
    const store = await openPostgresStore({ address, clock: systemClock, poolSize: 2, pooler: false });
    const nodes = new Nodes(store.run);
    const node = { id: newId("node", AT), startedAt: AT, version: "1", host: "h", mode: "all" as const };
    await nodes.register(node);
    const close = async (): Promise<void> => {
      await store.close();
      await made.close();
    };
    return { store, nodes, nodeId: node.id, holds: new SharedHolds(store.run), close };
  }
  const ask = (requestId: string, budgetId: string, pico: bigint) => ({
    requestId,
    wants: [{ budgetId, zone: "UTC", pico, tokens: 5, requests: 1 }],
  });

  test("are moved once by a settlement that comes twice, and what it held comes back once", async () => {
    const { store, nodes, nodeId, holds, close } = await open();
    const budgetId = await budgetIn(store, 100n);
    const [one, other] = [intent(), intent()];
    await holds.hold(nodeId, 1n, [ask(one.requestId, budgetId, 40n), ask(other.requestId, budgetId, 50n)]);
    const settled = settlement(one, { budgets: [{ budgetId, ...PART }] });
    const batch = { nodeId, from: 0n, to: 1n, rows: [rowJson(usageRow(settled))] };
    expect(await nodes.receive(batch)).toEqual({ moved: true });
    // The store was set back, but for the row.
    await store.run("update nodes set last_seq = 0", []);
    expect(await nodes.receive(batch)).toEqual({ moved: true });
    const { pico, tokens, requests } = PART;
    expect(await holds.standings([budgetId])).toMatchObject([
      { spent: { pico, tokens, requests }, held: { pico: 50n, tokens: 5, requests: 1 } },
    ]);
    const freed = [{ requestId: other.requestId, budgetId: undefined }];
    await holds.free(nodeId, 2n, freed);
    await holds.free(nodeId, 3n, freed);
    expect(await holds.standings([budgetId])).toMatchObject([{ held: { pico: 0n, tokens: 0, requests: 0 } }]);
    await close();
  });

  test("set nothing aside for a node that is closed or not known", async () => {
    const { store, nodes, nodeId, holds, close } = await open();
    const budgetId = await budgetIn(store, 100n);
    const asked = () => [ask(intent().requestId, budgetId, 1n)];
    const nothing = { kind: "out_of_turn" } as const;
    expect(await holds.hold(newId("node", AT), 1n, asked())).toEqual(nothing);
    await nodes.close(nodeId);
    expect(await holds.hold(nodeId, 1n, asked())).toEqual(nothing);
    expect((await holds.standings([budgetId])).filter(({ held }) => held.pico > 0n)).toEqual([]);
    await close();
  });
});
