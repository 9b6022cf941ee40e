import { describe, expect, test } from "bun:test";
import { SESSION_IDLE_MS, SESSION_LIFE_MS, authenticateSession } from "../../src/access/authenticate.ts";
import type { IdentityLookups } from "../../src/access/authenticate.ts";
import { permissionsOf } from "../../src/access/roles.ts";
import type { Session, Status, User } from "../../src/core/tenancy.ts";
import { PARTNER, TENANT, USER } from "./principals.ts";

const CREATED_MS = 1_000_000;
const SESSION: Session = {
  id: "sess_1",
  userId: USER.id,
  tokenHash: "b".repeat(64),
  createdAt: CREATED_MS,
  lastSeenAt: CREATED_MS,
};

function world(
  user: Partial<User> = {},
  tenant: Status = "active",
  partner: Status = "active",
): IdentityLookups {
  return {
    keyByHash: () => undefined,
    sessionByHash: (hash) => (hash === SESSION.tokenHash ? SESSION : undefined),
    userById: (id) => (id === USER.id ? { ...USER, ...user } : undefined),
    tenantById: (id) => (id === TENANT.id ? { ...TENANT, status: tenant } : undefined),
    partnerById: (id) => (id === PARTNER.id ? { ...PARTNER, status: partner } : undefined),
    permissionsHeld: ({ roles }) => permissionsOf(roles),
    permissionsWith: (_key, held) => held,
  };
}

/** The verdict on the session at an instant, last seen at another one. */
function verdict(nowMs: number, lastSeenMs: number, lookups = world()) {
  return authenticateSession(lookups, SESSION.tokenHash, () => lastSeenMs, nowMs);
}

const EXPIRED = { refusal: "SESSION_EXPIRED", reason: "expired" } as const;

describe("a browser session", () => {
  test("is the principal of its user, with the user's permissions", () => {
    const principal = verdict(CREATED_MS, CREATED_MS);
    expect(principal).toMatchObject({
      proof: { kind: "session", session: SESSION },
      user: USER,
      tenant: TENANT,
    });
    expect("permissions" in principal && principal.permissions.has("api_keys:manage")).toBe(true);
  });

  test("lasts 30 minutes without a call, to the millisecond, and starts over at each call", () => {
    expect(SESSION_IDLE_MS).toBe(30 * 60 * 1000);
    expect(verdict(CREATED_MS + SESSION_IDLE_MS, CREATED_MS)).toHaveProperty("permissions");
    expect(verdict(CREATED_MS + SESSION_IDLE_MS + 1, CREATED_MS)).toEqual(EXPIRED);
    expect(verdict(CREATED_MS + SESSION_IDLE_MS + 1, CREATED_MS + 1)).toHaveProperty("permissions");
  });

  test("ends after 12 hours however busy it is", () => {
    expect(SESSION_LIFE_MS).toBe(12 * 3_600 * 1000);
    const end = CREATED_MS + SESSION_LIFE_MS;
    expect(verdict(end, end - 1)).toHaveProperty("permissions");
    expect(verdict(end + 1, end)).toEqual(EXPIRED);
  });

  test("that nobody knows has expired as well", () => {
    const unknown = authenticateSession(world(), "c".repeat(64), () => CREATED_MS, CREATED_MS);
    expect(unknown).toEqual({ refusal: "SESSION_EXPIRED", reason: "unknown" });
  });

  test.each([
    ["a suspended user", world({ status: "suspended" }), "AUTH_TOKEN_INVALID"],
    ["a user who is gone", world({ id: "user_1", tenantId: "tenant_gone" }), "AUTH_TOKEN_INVALID"],
    ["a suspended tenant", world({}, "suspended"), "TENANT_SUSPENDED"],
    ["a suspended partner", world({}, "active", "suspended"), "TENANT_SUSPENDED"],
  ])("of %s opens nothing", (_, lookups, refusal) => {
    expect(verdict(CREATED_MS, CREATED_MS, lookups)).toHaveProperty("refusal", refusal);
  });
});
