import { expect, test } from "bun:test";
import type { Budget, Measure } from "../../src/core/budget.ts";
import { NOTHING } from "../../src/escrow/measure.ts";
import { Arming, type ArmingOptions } from "../../src/settlement/budgets/arming.ts";
import { LocalAuthority } from "../../src/settlement/budgets/local-authority.ts";
import { Unsettled } from "../../src/settlement/unsettled.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { budgetOf } from "../escrow/sample-budget.ts";
import { intent, settlement } from "../store/samples.ts";

const MIDNIGHT = Date.parse("2026-12-01T00:00:00Z");
const HOUR_MS = 3_600_000;

/** Not armed yet. */
const { armedAt: _armedAt, ...DAILY } = budgetOf();

/** Arms the budget; where nothing else is said all is calm. */
function armingOf(
  authority: LocalAuthority,
  change: Partial<ArmingOptions> = {},
  budget: Budget = DAILY,
): Arming {
  const snapshot = new Snapshot();
  snapshot.apply({ kind: "budget", id: budget.id, value: budget });
  return new Arming({
    snapshot,
    book: { over: () => [DAILY], authority },
    journal: { intend: () => Promise.resolve() },
    openRequests: () => [],
    unsettled: new Unsettled(() => undefined),
    committed: () => Promise.resolve(),
    acknowledge: () => Promise.resolve(true),
    zoneOf: () => "UTC",
    usedBefore: () => Promise.resolve(NOTHING),
    keep: () => Promise.resolve(true),
    holdAgain: () => Promise.resolve(),
    keepRearmed: () => Promise.resolve(true),
    catchUp: () => Promise.resolve(),
    ...change,
  });
}

test("a new budget is not armed while the journal has refused what nobody has counted yet", async () => {
  const unsettled = new Unsettled(() => undefined);
  const armed: string[] = [];
  const authority = new LocalAuthority({ now: () => MIDNIGHT }, () => "UTC");
  const arming = armingOf(authority, {
    unsettled,
    // Its request ended just before, and its own turn at the journal was the last that failed.
    committed: async () => void unsettled.add(settlement(intent())),
    keep: ({ id }) => Promise.resolve(armed.push(id) > 0),
  });
  await arming.run();
  expect(armed).toEqual([]);
  await unsettled.retry({ settle: () => Promise.resolve() });
  await armingOf(authority, { unsettled, keep: ({ id }) => Promise.resolve(armed.push(id) > 0) }).run();
  expect(armed).toEqual([DAILY.id]);
});

test("a new budget counts what was used of a day that a clock was set back from", async () => {
  let now = MIDNIGHT - HOUR_MS / 2;
  const authority = new LocalAuthority({ now: () => now }, () => "UTC");
  const used: Measure = { pico: 60n, tokens: 60, requests: 1 };
  const arming = armingOf(authority, {
    // At a quarter past twelve, before the clock was set back by an hour.
    usedBefore: (_budget, { start }) => Promise.resolve(start === MIDNIGHT ? used : NOTHING),
  });
  await arming.run();
  now = MIDNIGHT + HOUR_MS;
  const most = { bound: { cost: 0n, partner: 60n, tenant: 60n }, tokens: 60 };
  expect(authority.hold("req_1", [DAILY], most, now).refusal?.fit).toBe("exceeded");
});

test("a budget that begins to block counts nothing twice, and is armed once all that is in flight holds in it", async () => {
  const steps: string[] = [];
  const step =
    <T>(name: string, result: T) =>
    () => {
      steps.push(name);
      return Promise.resolve(result);
    };
  const authority = new LocalAuthority({ now: () => MIDNIGHT }, () => "UTC");
  const rearming = { ...DAILY, armedAt: MIDNIGHT, rearmingAt: MIDNIGHT + 1 };
  const change = {
    committed: step("committed", undefined),
    holdAgain: step("hold again", undefined),
    acknowledge: step("acknowledge", false),
    usedBefore: step("used before", NOTHING),
    keep: step("keep", true),
    keepRearmed: step("keep rearmed", true),
  };
  await armingOf(authority, change, rearming).run();
  expect(steps.splice(0)).toEqual(["committed", "hold again", "committed", "acknowledge"]);
  // Every other node has said so too.
  await armingOf(authority, { ...change, acknowledge: step("acknowledge", true) }, rearming).run();
  expect(steps.splice(0).slice(3)).toEqual(["acknowledge", "keep rearmed"]);
  await armingOf(authority, change, { ...DAILY, armedAt: MIDNIGHT }).run();
  expect(steps).toEqual([]);
  // Before it was armed at all: one acknowledgement is for both.
  await armingOf(authority, change, { ...DAILY, rearmingAt: MIDNIGHT + 1 }).run();
  expect(steps).toEqual(["committed", "hold again", "committed", "acknowledge"]);
});
