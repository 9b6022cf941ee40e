import { expect, test } from "bun:test";
import type { OpenRequest } from "../../src/settlement/budgets/arming.ts";
import { Reassertion } from "../../src/settlement/budgets/reassertion.ts";
import { SharedAuthority } from "../../src/settlement/budgets/shared-authority.ts";
import type { AssertedHold, FreedHold } from "../../src/store/budgets/shared-holds.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { budgetOf } from "../escrow/sample-budget.ts";
import { intent } from "../store/samples.ts";

const MOST = { bound: { cost: 0n, partner: 0n, tenant: 40n }, tokens: 0 };

/** A store that can be away, and what it holds. */
function storeOf() {
  const held = new Set<string>();
  const state = { isAway: true };
  const there = (): void => {
    if (state.isAway) throw new StoreUnavailable("away");
  };
  const holds = {
    hold: async () => {
      there();
      return Promise.resolve({ kind: "waits" } as const);
    },
    standings: () => Promise.resolve([]),
    free: async (_nodeId: string, _turn: bigint, freed: readonly FreedHold[]) => {
      there();
      for (const { requestId } of freed) held.delete(requestId);
      return Promise.resolve(true);
    },
    reassert: async (_nodeId: string, _start: string, asserted: readonly AssertedHold[]) => {
      there();
      for (const { requestId } of asserted) held.add(requestId);
      return Promise.resolve(true);
    },
  };
  return { held, state, holds };
}

test("what is told of a request that went on without the store stays held once the store has what was lost", async () => {
  const { held, state, holds } = storeOf();
  const nodeId = "node_1";
  const flush = () => Promise.resolve();
  const authority = new SharedAuthority({
    clock: { now: () => 0, monotonic: () => 0 },
    holds,
    nodeId,
    zoneOf: () => "UTC",
    blocks: () => false,
    flush,
  });
  const { parts: budgets } = await authority.hold("req_1", [budgetOf({ hardAction: "notify" })], MOST);
  const open: OpenRequest = {
    intent: intent({ requestId: "req_1", ...(budgets && { budgets }) }),
    tokensMax: 0,
    isSettling: false,
  };
  const reassertion = new Reassertion({
    holds,
    nodeId,
    storeStart: () => "start_1",
    resend: () => Promise.resolve(),
    flush,
    openRequests: () => [open],
    unsettled: { intents: () => [] },
    free: (ids) => authority.settleLost(ids),
  });
  state.isAway = false;
  // The budget has begun to block.
  await reassertion.again();
  expect([...held]).toEqual(["req_1"]);
  await authority.settleLost();
  expect([...held]).toEqual(["req_1"]);
});
