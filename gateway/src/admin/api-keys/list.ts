import { z } from "zod";
import type { Principal } from "../../core/principal.ts";
import type { Scope } from "../../core/scope.ts";
import { ApiError } from "../../errors.ts";
import { listKeys } from "../../store/keys/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { listQuery } from "../fields.ts";
import { given } from "../given.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { keyView, usageOfLastDay, viewKey } from "./key-view.ts";
import { manageableKeys } from "./scope.ts";

const SCOPES = ["own", "tenant", "all"] as const;

export const listKeysEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/api-keys",
  access: "api_keys:manage",
  tag: "API keys",
  operationId: "listApiKeys",
  summary: "Your keys; for administrators also all of their tenant, or of all tenants they administer",
  costBearing: false,
  query: z.strictObject({
    ...listQuery,
    scope: z.enum(SCOPES).default("own"),
    user_id: z.string().optional(),
    tenant_id: z.string().optional(),
    status: z.enum(["active", "revoked"]).optional(),
  }),
  response: keyView,
  list: true,
  async handle({ principal, query }, deps) {
    const scope = scopeOf(query.scope, principal);
    const found = await listKeys(deps.read, scope, {
      ...storePage("apikey", query),
      ...given({ userId: query.user_id, tenantId: query.tenant_id, status: query.status, q: query.q }),
    });
    const page = pageOfRows(found, query);
    const used = await usageOfLastDay(
      scope,
      deps,
      page.items.map(({ id }) => id),
    );
    const items = page.items.map((key) => viewKey(key, used.get(key.id), deps));
    return { kind: "page", page: { ...page, items } };
  },
});

function scopeOf(asked: (typeof SCOPES)[number], principal: Principal): Scope {
  const { user, tenant, permissions } = principal;
  if (asked === "own") return { level: "user", tenantId: tenant.id, userId: user.id };
  if (!permissions.has("users:manage")) {
    throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, { hint: `scope=${asked} needs users:manage.` });
  }
  return asked === "tenant" ? { level: "tenant", tenantId: tenant.id } : manageableKeys(principal);
}
