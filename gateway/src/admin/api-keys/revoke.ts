import { z } from "zod";
import { revokeKey } from "../../store/keys/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";
import { manageableKey, manageableKeys } from "./scope.ts";

export const revokeKeyEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/api-keys/{key_id}",
  access: "api_keys:manage",
  tag: "API keys",
  operationId: "revokeApiKey",
  summary: "Revoke a key now; its requests in flight are cut",
  costBearing: false,
  auditAction: "api_key.revoke",
  params: z.strictObject({ key_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const key = await manageableKey(params.key_id, principal, deps);
    const writes = revokeKey(key.id, manageableKeys(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(key.id) };
  },
});
