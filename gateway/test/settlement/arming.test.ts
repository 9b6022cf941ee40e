import { expect, test } from "bun:test";
import type { Budget, Measure } from "../../src/core/budget.ts";
import { NOTHING } from "../../src/escrow/measure.ts";
import { Arming } from "../../src/settlement/budgets/arming.ts";
import { LocalAuthority } from "../../src/settlement/budgets/local-authority.ts";
import { Unsettled } from "../../src/settlement/unsettled.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";

const MIDNIGHT = Date.parse("2026-12-01T00:00:00Z");
const HOUR_MS = 3_600_000;

const DAILY: Budget = {
  id: "budget_1",
  scope: "tenant",
  scopeId: "tenant_1",
  partnerId: "partner_1",
  tenantId: "tenant_1",
  period: "daily",
  limits: { pico: 100n },
  softLimit: 8_000,
  hardAction: "block",
  setBy: "tenant",
  createdAt: 0,
};

test("a new budget counts what was used of a day that a clock was set back from", async () => {
  let now = MIDNIGHT - HOUR_MS / 2;
  const snapshot = new Snapshot();
  snapshot.apply({ kind: "budget", id: DAILY.id, value: DAILY });
  const authority = new LocalAuthority({ now: () => now }, () => "UTC");
  const used: Measure = { pico: 60n, tokens: 60, requests: 1 };
  const arming = new Arming({
    snapshot,
    book: { over: () => [DAILY], authority },
    journal: { intend: () => Promise.resolve() },
    openRequests: () => [],
    unsettled: new Unsettled(),
    committed: () => Promise.resolve(),
    acknowledge: () => Promise.resolve(true),
    zoneOf: () => "UTC",
    // At a quarter past twelve, before the clock was set back by an hour.
    usedBefore: (_budget, { start }) => Promise.resolve(start === MIDNIGHT ? used : NOTHING),
    keep: () => Promise.resolve(true),
    catchUp: () => Promise.resolve(),
  });
  await arming.run();
  now = MIDNIGHT + HOUR_MS;
  const most = { bound: { cost: 0n, partner: 60n, tenant: 60n }, tokens: 60 };
  expect(authority.hold("req_1", [DAILY], most, now).refusal?.fit).toBe("exceeded");
});
