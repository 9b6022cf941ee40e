import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { listKeys } from "../../store/keys/reader.ts";
import { summarizeUsage } from "../../store/usage/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { decodeCursor, encodeCursor } from "../paging.ts";
import { dayAgo, keyView, viewKey } from "./key-view.ts";

export const listKeysEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/api-keys",
  access: "api_keys:manage",
  tag: "API keys",
  summary: "Your keys, or with scope=tenant all keys of your tenant",
  costBearing: false,
  query: z.strictObject({ ...pageQuery, scope: z.enum(["own", "tenant"]).default("own") }),
  response: keyView,
  list: true,
  async handle({ principal, query }, deps) {
    const { user, tenant, permissions } = principal;
    if (query.scope === "tenant" && !permissions.has("users:manage")) {
      throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, { hint: "scope=tenant needs users:manage." });
    }
    const before =
      query.cursor === undefined ? undefined : decodeCursor(query.cursor, /^apikey_[0-9A-Z]{26}$/);
    const scope = { level: "tenant", tenantId: tenant.id } as const;
    const found = await listKeys(deps.read, scope, {
      limit: query.limit + 1,
      ...(query.scope === "own" && { userId: user.id }),
      ...(before !== undefined && { beforeId: before }),
    });
    const shown = found.slice(0, query.limit);
    const used = await summarizeUsage(deps.read, scope, { startMs: dayAgo(deps) }, "api_key");
    const counts = new Map(used.map((sum) => [sum.groupKey, sum.requestCount]));
    const last = shown.at(-1);
    return {
      kind: "page",
      page: {
        items: shown.map((key) => viewKey(key, counts.get(key.id) ?? 0, deps)),
        ...(found.length > shown.length && last !== undefined && { nextCursor: encodeCursor(last.id) }),
      },
    };
  },
});
