import { describe, expect, test } from "bun:test";
import { DEFAULT_LIMITS, effectiveLimit, limitedScopes } from "../../src/limits/defaults.ts";

describe("limits in force", () => {
  test.each<["key" | "user" | "tenant" | "partner", number | undefined, number]>([
    ["key", undefined, 60],
    ["key", 10, 10],
    ["key", 1_000, 60],
    ["key", 0, 60],
    ["user", undefined, 120],
    ["user", 10, 10],
    ["user", 1_000, 1_000],
    ["user", 0, 0],
    ["tenant", 50, 50],
    ["partner", 0, 0],
  ])("%s with its own limit %p has %p", (level, own, expected) => {
    expect(effectiveLimit(level, own, DEFAULT_LIMITS)).toBe(expected);
  });

  test("a key can have a limit where the installation has none for keys", () => {
    const installation = { ...DEFAULT_LIMITS, key: 0 };
    expect(effectiveLimit("key", 5, installation)).toBe(5);
    expect(effectiveLimit("key", undefined, installation)).toBe(0);
  });

  test("a request is counted at its key, user, tenant and partner", () => {
    const payer = { keyId: "apikey_1", userId: "user_1", tenantId: "tenant_1", partnerId: "partner_1" };
    expect(limitedScopes(payer, { tenant: { requests_per_minute: 7 } }, DEFAULT_LIMITS)).toEqual([
      { level: "key", scopeId: "apikey_1", limit: 60 },
      { level: "user", scopeId: "user_1", limit: 120 },
      { level: "tenant", scopeId: "tenant_1", limit: 7 },
      { level: "partner", scopeId: "partner_1", limit: 5_000 },
    ]);
  });
});
