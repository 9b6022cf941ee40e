import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { keyView, usageOfLastDay, viewKey } from "./key-view.ts";
import { manageableKey, manageableKeys } from "./scope.ts";

export const getKey = adminEndpoint({
  method: "GET",
  path: "/v1/api-keys/{key_id}",
  access: "api_keys:manage",
  tag: "API keys",
  summary: "One key",
  costBearing: false,
  version: { except: ["last_used_at", "requests_24h", "spend_24h"] },
  params: z.strictObject({ key_id: z.string() }),
  response: keyView,
  async handle({ principal, params }, deps) {
    const key = await manageableKey(params.key_id, principal, deps);
    const used = await usageOfLastDay(manageableKeys(principal), deps, [key.id]);
    return { kind: "data", data: viewKey(key, used.get(key.id), deps) };
  },
});
