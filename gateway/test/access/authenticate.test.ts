import { describe, expect, test } from "bun:test";
import { authenticate, type AuthRefusal, type IdentityLookups } from "../../src/access/authenticate.ts";
import { permissionsOf } from "../../src/access/roles.ts";
import type { ApiKey, Partner, Tenant, User } from "../../src/core/tenancy.ts";
import { KEY, PARTNER, TENANT, USER } from "./principals.ts";

interface World {
  readonly key?: Partial<ApiKey>;
  readonly user?: Partial<User>;
  readonly tenant?: Partial<Tenant>;
  readonly partner?: Partial<Partner>;
}

const NOW_MS = 1_000_000;

function worldOf(changes: World, seen: string[] = []): IdentityLookups {
  const key = { ...KEY, ...changes.key };
  const user = { ...USER, ...changes.user };
  const tenant = { ...TENANT, ...changes.tenant };
  const partner = { ...PARTNER, ...changes.partner };
  return {
    sessionByHash: () => undefined,
    keyByHash: (hash) => (seen.push("key"), hash === key.hash ? key : undefined),
    userById: (id) => (seen.push("user"), id === user.id ? user : undefined),
    tenantById: (id) => (seen.push("tenant"), id === tenant.id ? tenant : undefined),
    partnerById: (id) => (seen.push("partner"), id === partner.id ? partner : undefined),
    permissionsHeld: ({ roles }) => permissionsOf(roles),
    permissionsWith: (_key, held) => held,
  };
}

describe("authenticate", () => {
  test("an active key becomes the principal of its user, tenant and partner with the user's permissions", () => {
    const principal = authenticate(worldOf({}), KEY.hash, NOW_MS);
    expect(principal).toMatchObject({
      proof: { kind: "key", key: KEY },
      user: USER,
      tenant: TENANT,
      partner: PARTNER,
    });
    expect("permissions" in principal && [...principal.permissions].sort()).toEqual([
      "accounting:view_own",
      "api_keys:manage",
      "models:list",
      "models:use",
      "modules:use",
    ]);
  });

  test.each<[AuthRefusal["reason"], World]>([
    ["revoked", { key: { status: "revoked" } }],
    ["expired", { key: { expiresAt: NOW_MS } }],
    ["user_suspended", { user: { status: "suspended" } }],
    ["unknown", { user: { id: "user_other" } }],
    ["unknown", { tenant: { id: "tenant_other" } }],
    ["unknown", { partner: { id: "partner_other" } }],
    // Whoever holds a dead key of a suspended tenant learns nothing about the tenant.
    ["revoked", { key: { status: "revoked" }, tenant: { status: "suspended" } }],
  ])("%s is AUTH_TOKEN_INVALID: %p", (reason, changes) => {
    expect(authenticate(worldOf(changes), KEY.hash, NOW_MS)).toEqual({
      refusal: "AUTH_TOKEN_INVALID",
      reason,
    });
  });

  test("a suspended tenant or partner is TENANT_SUSPENDED", () => {
    const tenant = authenticate(worldOf({ tenant: { status: "suspended" } }), KEY.hash, NOW_MS);
    expect(tenant).toEqual({ refusal: "TENANT_SUSPENDED", reason: "tenant_suspended" });
    const partner = authenticate(worldOf({ partner: { status: "suspended" } }), KEY.hash, NOW_MS);
    expect(partner).toEqual({ refusal: "TENANT_SUSPENDED", reason: "partner_suspended" });
  });

  test("a key is good until the millisecond it expires", () => {
    const world = worldOf({ key: { expiresAt: NOW_MS } });
    expect(authenticate(world, KEY.hash, NOW_MS - 1)).toHaveProperty("permissions");
    expect(authenticate(world, KEY.hash, NOW_MS)).toHaveProperty("reason", "expired");
  });

  test("known and unknown keys take the same look-ups", () => {
    const known: string[] = [];
    const unknown: string[] = [];
    authenticate(worldOf({ key: { status: "revoked" } }, known), KEY.hash, NOW_MS);
    authenticate(worldOf({}, unknown), "b".repeat(64), NOW_MS);
    expect(unknown).toEqual(known);
    expect(known).toEqual(["key", "user", "tenant", "partner"]);
  });
});
