import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { updateKey } from "../../store/keys/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { committed } from "../refusals.ts";
import { pastExpiry } from "./create.ts";
import { expiry } from "./expiry.ts";
import { keyView, requestsOfLastDay, viewKey } from "./key-view.ts";
import { demandNoGreaterHolder, manageableKeys } from "./scope.ts";

export const updateKeyEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/api-keys/{key_id}",
  access: "api_keys:manage",
  tag: "API keys",
  summary: "Rename a key or change when it expires; null removes the expiry",
  costBearing: false,
  auditAction: "api_key.update",
  params: z.strictObject({ key_id: z.string() }),
  body: z
    .strictObject({ name: shownText.optional(), expires_at: expiry.nullable().optional() })
    .meta({ examples: [{ name: "billing service", expires_at: null }] }),
  response: keyView,
  async handle({ principal, params, body }, deps) {
    const now = deps.clock.now();
    const { name, expires_at: expiresAt } = body;
    if (typeof expiresAt === "number" && expiresAt <= now) throw pastExpiry();
    const change = { ...(name !== undefined && { name }), ...(expiresAt !== undefined && { expiresAt }) };
    demandNoGreaterHolder(params.key_id, principal, deps.snapshot);
    const writes = updateKey(params.key_id, change, manageableKeys(principal), now);
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    const key = deps.snapshot.keyById(params.key_id);
    if (!key) throw new ApiError("NOT_FOUND");
    return { kind: "data", data: viewKey(key, await requestsOfLastDay(key.id, deps), deps) };
  },
});
