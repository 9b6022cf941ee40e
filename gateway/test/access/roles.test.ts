import { describe, expect, test } from "bun:test";
import { permissionsOf } from "../../src/access/roles.ts";
import { accountingScope } from "../../src/access/scope.ts";
import { PERMISSIONS, ROLES, type Role } from "../../src/core/permissions.ts";
import type { Scope } from "../../src/core/scope.ts";
import { principalWith } from "./principals.ts";

const VIEWER = ["models:list", "accounting:view_own"];
const USER = [...VIEWER, "models:use", "api_keys:manage", "modules:use"];
const ADMIN = [
  ...USER,
  "models:manage",
  "routing:view",
  "accounting:view_tenant",
  "accounting:manage_budgets",
  "users:manage",
  "webhooks:manage",
  "modules:manage",
  "admin:access",
];
const EXPECTED: Record<Role, readonly string[]> = {
  tenant_viewer: VIEWER,
  tenant_user: USER,
  tenant_admin: ADMIN,
  partner_viewer: [...VIEWER, "accounting:view_tenant", "accounting:view_partner"],
  partner_admin: [...ADMIN, "accounting:view_partner", "accounting:manage_prices", "partner:manage"],
  super_admin: PERMISSIONS,
};

describe("roles", () => {
  test.each([...ROLES])("%s holds exactly its permissions", (role) => {
    expect([...permissionsOf([role])].map(String).sort()).toEqual([...EXPECTED[role]].sort());
  });

  test("each role contains those above it in its column", () => {
    for (const column of [
      ["tenant_viewer", "tenant_user", "tenant_admin", "partner_admin", "super_admin"],
      ["tenant_viewer", "partner_viewer", "partner_admin", "super_admin"],
    ] as const) {
      for (const [index, role] of column.slice(1).entries()) {
        const below = column[index] ?? "tenant_viewer";
        expect(permissionsOf([role]).isSupersetOf(permissionsOf([below]))).toBe(true);
        expect(permissionsOf([role]).size).toBeGreaterThan(permissionsOf([below]).size);
      }
    }
  });

  test("what moves money or routes of the whole platform is the super admin's alone", () => {
    for (const permission of [
      "routing:manage",
      "accounting:adjust",
      "accounting:view_all",
      "platform:manage",
    ] as const) {
      expect(ROLES.filter((role) => permissionsOf([role]).has(permission))).toEqual(["super_admin"]);
    }
  });

  test("the same roles share one set; no roles allow nothing", () => {
    expect(permissionsOf(["tenant_user", "partner_viewer"])).toBe(
      permissionsOf(["partner_viewer", "tenant_user"]),
    );
    expect(permissionsOf([]).size).toBe(0);
  });

  test("a role this version does not know grants nothing and takes nothing away", () => {
    // As it comes from the store, where a newer version of the gateway may have written it.
    const stored: Role[] = JSON.parse('["tenant_user", "tenant_dreamer"]');
    expect(permissionsOf(stored)).toBe(permissionsOf(["tenant_user"]));
  });

  test.each<[Role, Scope]>([
    ["tenant_viewer", { level: "user", tenantId: "tenant_1", userId: "user_1" }],
    ["tenant_user", { level: "user", tenantId: "tenant_1", userId: "user_1" }],
    ["tenant_admin", { level: "tenant", tenantId: "tenant_1" }],
    ["partner_viewer", { level: "partner", partnerId: "partner_1" }],
    ["partner_admin", { level: "partner", partnerId: "partner_1" }],
    ["super_admin", { level: "platform" }],
  ])("the accounting scope of %s is %p", (role, scope) => {
    expect(accountingScope(principalWith(role))).toEqual(scope);
  });
});
