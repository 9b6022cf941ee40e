import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { createKey, updateKey } from "../../store/keys/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { wholeNumber } from "../fields.ts";
import { given } from "../given.ts";
import { committed } from "../refusals.ts";
import { createdKeyView, viewKey } from "./key-view.ts";
import { minted } from "./mint.ts";
import { withinMaker } from "./restrictions.ts";
import { manageableKey, manageableKeys } from "./scope.ts";

const HOUR_MS = 3_600_000;
const OVERLAP_HOURS_MAX = 24 * 30;

export const rotateKey = adminEndpoint({
  method: "POST",
  path: "/v1/api-keys/{key_id}/rotate",
  access: "api_keys:manage",
  tag: "API keys",
  operationId: "rotateApiKey",
  errors: ["QUOTA_EXCEEDED"],
  summary: "Make a new key in the place of one, which goes on for some hours",
  costBearing: false,
  auditAction: "api_key.rotate",
  params: z.strictObject({ key_id: z.string() }),
  body: z
    .strictObject({
      overlap_hours: wholeNumber(0, OVERLAP_HOURS_MAX)
        .default(24)
        .describe("How long the former key goes on; 0 revokes it now."),
    })
    .meta({ examples: [{ overlap_hours: 24 }] }),
  response: createdKeyView,
  async handle({ principal, params, body }, deps) {
    const now = deps.clock.now();
    const former = await manageableKey(params.key_id, principal, deps);
    const holder = deps.snapshot.userById(former.userId);
    const isOver = former.expiresAt !== undefined && former.expiresAt <= now;
    if (former.status !== "active" || isOver || !holder) {
      throw new ApiError("CONFLICT", "This key works no more: there is nothing to rotate.", {
        hint: "Make a new key.",
      });
    }
    const { name, userId, expiresAt, scopes, models, allowedIps, metadata, rateLimits } = former;
    const wish = given({ expiresAt, scopes, models, allowedIps, metadata, rateLimits });
    const narrowed = withinMaker(wish, deps.snapshot.permissionsHeld(holder), principal);
    const { key, row } = minted({ userId, name, ...narrowed, replaces: former.id }, deps);
    const end = Math.min(expiresAt ?? Number.POSITIVE_INFINITY, now + body.overlap_hours * HOUR_MS);
    const change = body.overlap_hours === 0 ? { status: "revoked" as const } : { expiresAt: end };
    const writes = [...createKey(row, now), ...updateKey(former.id, change, manageableKeys(principal), now)];
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: { ...viewKey(row, undefined, deps), key } };
  },
});
