import { describe, expect, test } from "bun:test";
import { AMOUNT_MAX } from "../../src/base/money.ts";
import type { Intent } from "../../src/core/accounting.ts";
import type { PriceVersion } from "../../src/core/catalogue.ts";
import type { Usage } from "../../src/core/usage.ts";
import { type Prices, ratesFrom } from "../../src/pricing/rates.ts";
import { type Outcome, settlementOf } from "../../src/settlement/settle.ts";
import type { SetAside } from "../../src/settlement/recover.ts";
import { Unsettled } from "../../src/settlement/unsettled.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";

const INTENT: Intent = {
  requestId: "req_01ARZ3NDEKTSV4RRFFQ69G5FAV",
  admittedAt: 1,
  payer: { partnerId: "partner_1", tenantId: "tenant_1", userId: "user_1", keyId: "apikey_1" },
  modelId: "model_1",
  modelSlug: "vendor/name",
  backendId: "be_1",
  stream: false,
  inputEstimate: 10,
  bound: { cost: AMOUNT_MAX, partner: AMOUNT_MAX, tenant: AMOUNT_MAX },
  priceVersionId: "price_1",
  costVersionId: "price_1",
};
const COMPLETED: Outcome = {
  status: "completed",
  backendId: "be_1",
  reported: { input: 10, output: 2 },
  outputTokens: 2,
  delivered: true,
  upstreamAtWork: true,
  latencyMs: 5,
  ttftMs: undefined,
  errorCode: undefined,
};

function settled(prices: Prices, outcome: Partial<Outcome> = {}) {
  const { rates } = ratesFrom({ input_per_mtok: "0", output_per_mtok: "0", ...prices });
  if (!rates) throw new Error("not a price");
  const version: PriceVersion = {
    id: "price_1",
    subject: { kind: "model", id: "model_1" },
    effectiveFrom: 0,
    rates,
  };
  return settlementOf(INTENT, { ...COMPLETED, ...outcome }, 2, () => version);
}

describe("a fee per request", () => {
  const FEE = { per_request: "0.01" };
  const PICO = 10_000_000_000n;

  test("is charged once, and stands in the usage that the charge is explained with", () => {
    const { charge, usage } = settled(FEE);
    expect(charge).toEqual({ cost: PICO, partner: PICO, tenant: PICO });
    expect(usage).toEqual({ input: 10, output: 2, request: 1 });
  });

  test("is charged to a caller who left after the upstream had been asked", () => {
    expect(settled(FEE, { status: "client_gone" }).charge.tenant).toBe(PICO);
  });

  test.each([
    ["left before an upstream was asked", { status: "client_gone", upstreamAtWork: false, delivered: false }],
    ["got nothing because of a fault", { status: "failed", delivered: false }],
    ["got nothing because the process died", { status: "interrupted", delivered: false }],
  ] as const)("is not charged to a caller who %s", (_who, outcome) => {
    const { charge, usage } = settled(FEE, outcome);
    expect([charge.tenant, usage]).toEqual([0n, {}]);
  });
});

test("whoever settles a request, and whenever, gives its usage the same id: there can be no second row", () => {
  const [once, again] = [COMPLETED, { ...COMPLETED, status: "interrupted" } as const].map((outcome, i) =>
    settlementOf(
      { ...INTENT, priceVersionId: undefined, costVersionId: undefined },
      outcome,
      i,
      () => undefined,
    ),
  );
  expect(once?.usageId).toBe(`usage_${INTENT.requestId.slice("req_".length)}`);
  expect(again?.usageId).toBe(once?.usageId);
});

test("the tier of a price is that of the prompt, however long the answer is", () => {
  const version: PriceVersion = {
    id: "price_1",
    subject: { kind: "model", id: "model_1" },
    effectiveFrom: 0,
    rates: { input: 1n, output: 1n },
    tiers: [{ aboveInputTokens: 100, rates: { input: 2n, output: 2n } }],
  };
  const charged = (input: number, output: number): bigint =>
    settlementOf(INTENT, { ...COMPLETED, reported: { input, output } }, 2, () => version).charge.tenant;
  expect(charged(100, 500)).toBe(600n);
  expect(charged(101, 1)).toBe(204n);
});

test("no report of an upstream makes an amount that a 64-bit column cannot hold", () => {
  const lie: Usage = { input: 2 ** 31, output: 2 ** 31, search: 2 ** 31 };
  const { charge, absorbed } = settled({ per_search: "100", input_per_mtok: "1000000" }, { reported: lie });
  for (const amount of [charge.cost, charge.tenant, absorbed]) expect(amount).toBeLessThanOrEqual(AMOUNT_MAX);
});

describe("settlements that wait for the journal", () => {
  const owed = settled({});
  const refusing = (error: Error) => ({
    async settle(): Promise<void> {
      throw error;
    },
  });

  test("stay as long as the store is out, and leave once it takes them", async () => {
    const unsettled = new Unsettled(() => undefined);
    unsettled.add(owed);
    await expect(unsettled.retry(refusing(new StoreUnavailable("locked")))).rejects.toThrow("locked");
    expect(unsettled.size).toBe(1);
    await unsettled.retry({ settle: () => Promise.resolve() });
    expect(unsettled.size).toBe(0);
  });

  // The checkpoint comes after them: one that never succeeds would be the end of all checkpoints.
  test("do not wait for ever when the journal will never take them", async () => {
    const told: SetAside[] = [];
    const unsettled = new Unsettled((setAside) => told.push(setAside));
    unsettled.add(owed);
    await unsettled.retry(refusing(new RangeError("too large")));
    expect(unsettled.size).toBe(0);
    expect(told).toEqual([{ requestId: owed.intent.requestId, reason: "RangeError: too large" }]);
  });
});
