import { describe, expect, test } from "bun:test";
import { viewLimits } from "../../src/admin/rate-limits.ts";
import { DEFAULT_LIMITS, effectiveLimit, limitedScopes, type Override } from "../../src/limits/defaults.ts";

const NONE = { key: 0, user: 0, tenant: 0, partner: 0 };

const NAME = "requests_per_minute";

/** What those above have set, as the store reads it back. */
function set(limit: number): Override {
  const limits = { [NAME]: limit };
  return { rateLimits: limits, limitsSet: { by: "platform", limits } };
}

/** What a level, or a key, has set for itself. */
function own(limit: number): Override {
  return { rateLimits: { [NAME]: limit } };
}

describe("limits in force", () => {
  test.each<["key" | "user" | "tenant" | "partner", Override | undefined, number]>([
    ["key", undefined, 60],
    ["key", own(10), 10],
    ["key", own(1_000), 60],
    ["key", own(0), 60],
    ["user", undefined, 120],
    ["user", set(10), 10],
    ["user", set(1_000), 1_000],
    ["user", set(0), 0],
    ["tenant", own(50), 50],
    ["tenant", own(5_000), 1_000],
    ["tenant", own(0), 1_000],
    ["partner", set(0), 0],
  ])("%s with %j has %p", (level, override, expected) => {
    expect(effectiveLimit(level, override, NAME, DEFAULT_LIMITS)).toBe(expected);
  });

  test("what a tenant has tightened for itself does not loosen what the installation tightens later", () => {
    const tenant = own(500);
    expect(effectiveLimit("tenant", tenant, NAME, DEFAULT_LIMITS)).toBe(500);
    expect(effectiveLimit("tenant", tenant, NAME, { ...DEFAULT_LIMITS, tenant: 100 })).toBe(100);
    const view = viewLimits(
      "tenant",
      { ...tenant, limitsOwn: { [NAME]: 500 } },
      {
        rateLimits: { ...DEFAULT_LIMITS, tenant: 100, address: 0 },
        tokenLimits: NONE,
        concurrencyLimits: NONE,
      },
    );
    expect(view[NAME]).toEqual({ limit: 100, set_by: "installation" });
  });

  test("a key can have a limit where the installation has none for keys", () => {
    const installation = { ...DEFAULT_LIMITS, key: 0 };
    expect(effectiveLimit("key", own(5), NAME, installation)).toBe(5);
    expect(effectiveLimit("key", undefined, NAME, installation)).toBe(0);
  });

  test("a request is counted at its key, user, tenant and partner", () => {
    const payer = { keyId: "apikey_1", userId: "user_1", tenantId: "tenant_1", partnerId: "partner_1" };
    expect(limitedScopes(payer, { tenant: own(7) }, DEFAULT_LIMITS)).toEqual([
      { level: "key", scopeId: "apikey_1", limit: 60 },
      { level: "user", scopeId: "user_1", limit: 120 },
      { level: "tenant", scopeId: "tenant_1", limit: 7 },
      { level: "partner", scopeId: "partner_1", limit: 5_000 },
    ]);
  });
});
