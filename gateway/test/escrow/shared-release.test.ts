import { expect, test } from "bun:test";
import { SharedAuthority } from "../../src/settlement/budgets/shared-authority.ts";
import type { FreedHold } from "../../src/store/budgets/shared-holds.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { intent } from "../store/samples.ts";

/** An authority over a store that gives back as `answers` say, one after the other. */
function authorityOver(...answers: (() => Promise<void>)[]): { authority: SharedAuthority; order: string[] } {
  const order: string[] = [];
  const holds = {
    hold: () => Promise.resolve({ kind: "waits" } as const),
    standings: () => Promise.resolve([]),
    free: async (_nodeId: string, _turn: bigint, freed: readonly FreedHold[]) => {
      await answers.shift()?.();
      order.push(...freed.map(({ requestId }) => requestId));
      return true;
    },
  };
  const clock = { now: () => 0, monotonic: () => 0 };
  const flush = () => Promise.resolve();
  const blocks = () => true;
  const authority = new SharedAuthority({
    clock,
    holds,
    nodeId: "node_1",
    zoneOf: () => "UTC",
    blocks,
    flush,
  });
  return { authority, order };
}

test("a request that is given back may be held anew once that resolves, and not before", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { authority, order } = authorityOver(() => promise);
  const released = authority.release(intent({ requestId: "req_1" })).then(() => order.push("held anew"));
  resolve();
  await released;
  expect(order).toEqual(["req_1", "held anew"]);
});

test("what the store cannot give back now is told, and given back later", async () => {
  const { authority, order } = authorityOver(() => Promise.reject(new StoreUnavailable("away")));
  const released = authority.release(intent({ requestId: "req_1" }));
  await released.then(
    () => order.push("given back"),
    () => order.push("told"),
  );
  await authority.settleLost();
  expect(order).toEqual(["told", "req_1"]);
});
