import { describe, expect, test } from "bun:test";
import {
  BROKEN_STREAM_POLICIES,
  type BrokenStreamPolicy,
  type BrokenStreamTerms,
  partnersPolicy,
  policyFor,
  tenantsPolicy,
} from "../../src/core/broken-streams.ts";
import type { Intent, SettlementStatus } from "../../src/core/accounting.ts";
import { Drains } from "../../src/inference/drains.ts";
import { decodeIntent, encodeIntent } from "../../src/journal/record-codec.ts";
import { ratesFrom } from "../../src/pricing/rates.ts";
import { type Outcome, settlementOf } from "../../src/settlement/settle.ts";

describe("the policy in force", () => {
  const by = (
    level: "platform" | "partner",
    policy: BrokenStreamPolicy,
    own?: BrokenStreamPolicy,
  ): { brokenStreams: BrokenStreamTerms } => ({
    brokenStreams: { set: { by: level, policy }, ...(own && { own }) },
  });
  const own = (policy: BrokenStreamPolicy) => ({ brokenStreams: { own: policy } });

  test.each([
    ["is the usual where nobody has said anything", {}, {}, "delivered", "installation"],
    [
      "is the partner's where nobody has said anything of the tenant",
      {},
      by("platform", "upstream"),
      "upstream",
      "platform",
    ],
    [
      "is the platform's word of the tenant, whatever the partner has",
      by("platform", "free_on_provider_fault"),
      by("platform", "upstream"),
      "free_on_provider_fault",
      "platform",
    ],
    [
      "is the partner's word of the tenant, where that is no laxer than its own",
      by("partner", "upstream"),
      {},
      "upstream",
      "partner",
    ],
    [
      "is what the partner has, once that is stricter than what it has given",
      by("partner", "delivered"),
      by("platform", "upstream"),
      "upstream",
      "platform",
    ],
    ["is what a tenant asks of itself, where that is stricter", own("upstream"), {}, "upstream", "itself"],
    [
      "is not what a tenant asks of itself, where that is laxer",
      own("delivered"),
      by("platform", "upstream"),
      "upstream",
      "platform",
    ],
    ["follows a partner that asks more of itself", {}, own("upstream"), "upstream", "partner"],
  ] as const)("%s", (_what, tenant, partner, policy, setBy) => {
    expect(tenantsPolicy(tenant, partner)).toEqual({ policy, by: setBy });
    expect(policyFor(tenant, partner)).toBe(policy === "delivered" ? undefined : policy);
  });

  test("of a partner is the platform's word, tightened by itself", () => {
    expect(partnersPolicy(by("platform", "free_on_provider_fault", "delivered"))).toEqual({
      policy: "delivered",
      by: "itself",
    });
  });
});

const INTENT: Intent = {
  requestId: "req_01ARZ3NDEKTSV4RRFFQ69G5FAV",
  admittedAt: 1,
  payer: { partnerId: "partner_1", tenantId: "tenant_1", userId: "user_1", keyId: "apikey_1" },
  modelId: "model_1",
  modelSlug: "vendor/name",
  backendId: "be_1",
  stream: true,
  inputEstimate: 10,
  bound: { cost: 1_000n, partner: 1_000n, tenant: 50n },
  priceVersionId: "price_1",
  costVersionId: "price_1",
};

describe("what is owed for an answer that broke off", () => {
  const { rates } = ratesFrom({ input_per_mtok: "0.000001", output_per_mtok: "0.000001" });
  if (!rates) throw new Error("not a price");
  const version = {
    id: "price_1",
    subject: { kind: "model", id: "model_1" },
    effectiveFrom: 0,
    rates,
  } as const;
  function owed(policy: BrokenStreamPolicy, outcome: Partial<Outcome> & { status: SettlementStatus }) {
    const promised = policy === "delivered" ? INTENT : { ...INTENT, brokenStreams: policy };
    const usual: Omit<Outcome, "status"> = {
      backendId: "be_1",
      reported: undefined,
      outputTokens: 4,
      delivered: true,
      upstreamAtWork: true,
      latencyMs: 5,
      ttftMs: 1,
      errorCode: undefined,
    };
    const { charge, usage, estimated, absorbed } = settlementOf(
      decodeIntent(encodeIntent(promised)),
      { ...usual, ...outcome },
      2,
      () => version,
    );
    return { tenant: charge.tenant, cost: charge.cost, usage, estimated, absorbed };
  }
  const REPORTED = { input: 3, output: 20 };

  test("the upstream's word counts under `upstream` alone, for one who left and for one who was cut", () => {
    for (const status of ["client_gone", "failed"] as const) {
      expect(owed("upstream", { status, reported: REPORTED })).toMatchObject({
        tenant: 23n,
        estimated: false,
      });
      expect(owed("delivered", { status, reported: REPORTED })).toMatchObject({
        tenant: 14n,
        estimated: true,
      });
    }
  });

  test("it is never more than was held", () => {
    const { tenant, absorbed } = owed("upstream", {
      status: "client_gone",
      reported: { input: 3, output: 90 },
    });
    expect([tenant, absorbed]).toEqual([50n, 43n]);
  });

  test("a fault of the provider is free under `free_on_provider_fault`, and no other end is", () => {
    const free = { status: "failed", providerFault: true } as const;
    expect(owed("free_on_provider_fault", free)).toMatchObject({ tenant: 0n, cost: 14n, estimated: true });
    expect(owed("delivered", free).tenant).toBe(14n);
    expect(owed("free_on_provider_fault", { status: "failed", providerFault: false }).tenant).toBe(14n);
    expect(owed("free_on_provider_fault", { status: "interrupted" }).tenant).toBe(14n);
    expect(owed("free_on_provider_fault", { status: "client_gone" }).tenant).toBe(14n);
  });

  test("nothing relayed is nothing owed, whatever is agreed, where nobody left", () => {
    for (const policy of BROKEN_STREAM_POLICIES) {
      for (const status of ["failed", "interrupted"] as const) {
        expect(owed(policy, { status, delivered: false, outputTokens: 0 })).toMatchObject({
          tenant: 0n,
          usage: {},
        });
      }
    }
  });

  test("who has had content owes it, even where no upstream is at work any more", () => {
    expect(owed("delivered", { status: "client_gone", upstreamAtWork: false }).tenant).toBe(14n);
  });
});

test("an answer is read on for its time and no longer, so many at once", async () => {
  const drains = new Drains(1, 1);
  const overdue = Promise.withResolvers<void>();
  const end = drains.begin(overdue.resolve);
  expect(drains.begin(() => undefined)).toBeUndefined();
  await overdue.promise;
  end?.();
  end?.();
  expect(drains.open).toBe(0);
  expect(drains.begin(() => undefined)).toBeDefined();
});
