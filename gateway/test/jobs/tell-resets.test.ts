import { expect, test } from "bun:test";
import { newId } from "../../src/base/ids.ts";
import type { Budget } from "../../src/core/budget.ts";
import { tellResets } from "../../src/jobs/tell-resets.ts";
import { addSpent, createBudget, markTold } from "../../src/store/budgets/writer.ts";
import { createPartner } from "../../src/store/tenancy/writer.ts";
import { describeEngines } from "../store/engines.ts";
import { AT, partner } from "../store/samples.ts";

const DAY_MS = 86_400_000;
const SPENT = { pico: 2_500_000_000_000n, tokens: 12, requests: 3 };

describeEngines("the events of budgets that begin anew", (engine) => {
  test("come once for each window that was told of, when it has ended, and for no other", async () => {
    const store = await engine.open();
    const over = partner();
    const budget: Budget = {
      id: newId("budget", AT),
      scope: "partner",
      scopeId: over.id,
      partnerId: over.id,
      period: "daily",
      limits: { requests: 3 },
      softLimit: 8_000,
      hardAction: "block",
      setBy: "platform",
      createdAt: AT,
      armedAt: AT,
    };
    await store.commit([...createPartner(over, AT), ...createBudget(budget, AT)]);
    const windows = [0, 1, 2, 3].map((day) => ({ start: AT + day * DAY_MS, end: AT + (day + 1) * DAY_MS }));
    const told = (n: number) => markTold(budget.id, windows[n]?.start ?? 0, "soft", AT);
    await store.commit(windows.map((window) => addSpent(budget.id, window, SPENT)));
    // The second was hardly used; the last has not ended.
    await store.commit([told(0), told(2), told(3)]);

    const now = AT + 3 * DAY_MS;
    const deps = {
      clock: { now: () => now },
      read: store.read,
      commit: (writes: Parameters<typeof store.commit>[0]) => store.commit(writes),
    };
    await Promise.all([tellResets(deps), tellResets(deps)]);
    await tellResets(deps);

    const events = await store.read
      .selectFrom("events")
      .selectAll()
      .where("type", "=", "budget.reset")
      .orderBy("id")
      .execute();
    const payloads = events.map(({ payload }): unknown => JSON.parse(payload));
    const ended = (n: number) => ({
      budget_id: budget.id,
      scope: "partner",
      scope_id: over.id,
      period: "daily",
      started_at: new Date(windows[n]?.start ?? 0).toISOString(),
      ended_at: new Date(windows[n]?.end ?? 0).toISOString(),
      spent: { cost: "2.5", tokens: 12, requests: 3 },
    });
    expect(payloads).toEqual(expect.arrayContaining([ended(0), ended(2)]));
    expect(payloads).toHaveLength(2);
    expect(events.map((event) => [event.partner_id, event.tenant_id])).toEqual([
      [over.id, null],
      [over.id, null],
    ]);
    await store.close();
  });
});
