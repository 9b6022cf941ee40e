import { expect, test } from "bun:test";
import { LocalAuthority } from "../../src/settlement/budgets/local-authority.ts";
import { budgetOf } from "../escrow/sample-budget.ts";

const MIDNIGHT = Date.parse("2026-12-01T00:00:00Z");
const DAY_MS = 86_400_000;

const DAILY = budgetOf();

test("what is set aside lies in the window of the admission, though midnight passes before it is", () => {
  let now = MIDNIGHT - 1;
  const authority = new LocalAuthority({ now: () => now }, () => "UTC");
  const admittedAt = now;
  now += 2;
  const most = { bound: { cost: 0n, partner: 60n, tenant: 60n }, tokens: 60 };
  const { parts } = authority.hold("req_1", [DAILY], most, admittedAt);
  expect(parts?.map(({ window }) => window)).toEqual([{ start: MIDNIGHT - DAY_MS, end: MIDNIGHT }]);
  // And takes nothing from the next one.
  expect(authority.hold("req_2", [DAILY], most, now).parts).toHaveLength(1);
});
