import type { Payer } from "../../src/core/accounting.ts";
import type { Budget, BudgetScope } from "../../src/core/budget.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import type { ModelStore } from "./model-store.ts";

export const ZONES = ["UTC", "Asia/Tokyo", "Europe/Amsterdam", "America/St_Johns"] as const;

/** Who could be under a budget: one partner, two tenants, four users with two keys each, and a group in each tenant. */
export const SCOPES: readonly (readonly [BudgetScope, string])[] = [
  ["partner", "partner_1"],
  ["tenant", "tenant_1"],
  ["tenant", "tenant_2"],
  ["group", "group_1"],
  ["group", "group_2"],
  ...["1", "2", "3", "4"].map((id) => ["user", `user_${id}`] as const),
  ...["1", "2", "3", "4"].map((id) => ["api_key", `apikey_${id}a`] as const),
];

const tenantOf = (user: number): string => (user <= 2 ? "tenant_1" : "tenant_2");

export const PAYERS: readonly Payer[] = [1, 2, 3, 4].flatMap((user) =>
  ["a", "b"].map((key) => ({
    partnerId: "partner_1",
    tenantId: tenantOf(user),
    userId: `user_${user}`,
    keyId: `apikey_${user}${key}`,
  })),
);

/** To whom a scope belongs. */
export function ownerOf(scope: BudgetScope, scopeId: string): Pick<Budget, "partnerId" | "tenantId"> {
  if (scope === "partner") return { partnerId: "partner_1" };
  if (scope === "tenant") return { partnerId: "partner_1", tenantId: scopeId };
  return {
    partnerId: "partner_1",
    tenantId: /[12]/.test(scopeId) && scope !== "group" ? "tenant_1" : "tenant_2",
  };
}

/** The control plane as a start reads it. Of each user the second key has taken the place of the first. */
export function snapshotOf(store: ModelStore, zone: string): Snapshot {
  const snapshot = new Snapshot();
  const level = { slug: "x", displayName: "x", status: "active", timeZone: zone, settings: {} } as const;
  snapshot.apply({ kind: "partner", id: "partner_1", value: { id: "partner_1", ...level } });
  for (const id of ["tenant_1", "tenant_2"]) {
    snapshot.apply({ kind: "tenant", id, value: { id, partnerId: "partner_1", ...level } });
  }
  for (const { keyId, userId, tenantId } of PAYERS) {
    const user = {
      id: userId,
      tenantId,
      displayName: "x",
      kind: "service",
      status: "active",
      roles: [],
    } as const;
    snapshot.apply({ kind: "user", id: userId, value: user });
    const replaces = keyId.endsWith("b") ? { replaces: keyId.replace("b", "a") } : {};
    const key = { name: "x", hash: keyId, prefix: "", last4: "", status: "active", createdAt: 0 } as const;
    snapshot.apply({ kind: "api_key", id: keyId, value: { id: keyId, userId, ...key, ...replaces } });
  }
  for (const [id, tenantId, memberIds] of [
    ["group_1", "tenant_1", ["user_1", "user_2"]],
    ["group_2", "tenant_2", ["user_3"]],
  ] as const) {
    snapshot.apply({
      kind: "group",
      id,
      value: { id, tenantId, name: "x", memberIds: [...memberIds], createdAt: 0 },
    });
  }
  for (const budget of store.budgets.values())
    snapshot.apply({ kind: "budget", id: budget.id, value: budget });
  return snapshot;
}
