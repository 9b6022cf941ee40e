import { expect, test } from "bun:test";
import type { Me } from "../../src/api/types.ts";
import { roomsOf } from "../../src/features/session/rooms.ts";

function someone(permissions: readonly string[]): Me {
  const place = { id: "x", slug: "x", display_name: "X" };
  return {
    user: { id: "user_1", display_name: "Ada", kind: "human" },
    tenant: place,
    partner: place,
    currency: "USD",
    roles: [],
    permissions: [...permissions],
    rate_limits: { key: 60, user: 120, tenant: 1000, partner: 5000 },
    token_limits: { key: 60, user: 120, tenant: 1000, partner: 5000 },
    concurrency_limits: { key: 60, user: 120, tenant: 1000, partner: 5000 },
    budgets: [],
  };
}

test.each([
  [
    ["models:list", "accounting:view_own", "api_keys:manage"],
    ["Overview", "Models", "Requests", "Usage", "Limits", "API Keys"],
  ],
  [
    ["models:list", "accounting:view_own"],
    ["Overview", "Models", "Requests", "Usage", "Limits"],
  ],
  [["platform:manage"], ["Providers", "Routing", "Nodes", "Partners"]],
  [["users:manage"], ["Limits", "Users", "Groups", "Roles", "Model access"]],
  [["partner:manage"], ["Tenants"]],
  [["routing:view"], ["Routing"]],
  [["accounting:view_partner"], ["Audit log"]],
  [["admin:access"], ["Settings", "Audit log"]],
  [["accounting:manage_prices"], ["Prices"]],
  [["webhooks:manage"], []],
])("whoever may %j is shown %j and nothing that would refuse them", (permissions, shown) => {
  expect(roomsOf(someone(permissions)).map(({ label }) => label)).toEqual(shown);
});
