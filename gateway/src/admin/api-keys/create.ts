import { z } from "zod";
import { keyLast4, keyPrefix, mintKey, KEY_RANDOM_CHARS } from "../../access/key-format.ts";
import { administeredScope } from "../../access/scope.ts";
import { randomBase62, sha256Hex } from "../../base/crypto.ts";
import { newId } from "../../base/ids.ts";
import type { Principal } from "../../core/principal.ts";
import type { ApiKey } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { createKey } from "../../store/keys/writer.ts";
import { findUser } from "../../store/tenancy/reader.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { committed } from "../refusals.ts";
import { demandNoGreater } from "../users/administered.ts";
import { expiry } from "./expiry.ts";
import { keyView, viewKey } from "./key-view.ts";

/** Active keys one user may hold. */
const KEYS_PER_USER = 1_000;

export const createKeyEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/api-keys",
  access: "api_keys:manage",
  tag: "API keys",
  errors: ["QUOTA_EXCEEDED"],
  summary: "Make a key; the answer is the only place where it is ever shown",
  costBearing: false,
  auditAction: "api_key.create",
  body: z
    .strictObject({
      name: shownText,
      expires_at: expiry.optional(),
      assigned_user_id: z
        .string()
        .optional()
        .describe("Whose key it becomes, for administrators: yours when absent."),
    })
    .meta({ examples: [{ name: "billing service", expires_at: "2027-12-31T00:00:00Z" }] }),
  response: keyView
    .extend({ key: z.string().describe("The key itself, `sgk_…`: shown here and never again.") })
    .meta({ id: "CreatedApiKey" }),
  async handle({ principal, body }, deps) {
    const now = deps.clock.now();
    if (body.expires_at !== undefined && body.expires_at <= now) throw pastExpiry();
    const userId = await holderOf(body.assigned_user_id, principal, deps);
    if (deps.snapshot.activeKeysOf(userId) >= KEYS_PER_USER) {
      throw new ApiError("QUOTA_EXCEEDED", `A user holds at most ${KEYS_PER_USER} active keys.`);
    }
    const key = mintKey(randomBase62(KEY_RANDOM_CHARS));
    const row: ApiKey = {
      id: newId("apikey", now),
      userId,
      name: body.name,
      hash: sha256Hex(key),
      prefix: keyPrefix(key),
      last4: keyLast4(key),
      status: "active",
      ...(body.expires_at !== undefined && { expiresAt: body.expires_at }),
      createdAt: now,
    };
    await committed(deps.commit(createKey(row, now)), { missing_parent: "CONFLICT" });
    return { kind: "data", status: 201, data: { ...viewKey(row, 0, deps), key } };
  },
});

/** The refusal of a key that would be dead at birth. */
export function pastExpiry(): ApiError {
  return new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "expires_at", message: "must lie in the future" }],
  });
}

/**
 * Whose key is to be made: the caller's own, or that of somebody they administer who may do no more than they.
 * Throws ApiError AUTHZ_PERMISSION_DENIED, VALIDATION_ERROR (one answer for unknown users and for those elsewhere).
 */
async function holderOf(
  assigned: string | undefined,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<string> {
  if (assigned === undefined || assigned === principal.user.id) return principal.user.id;
  if (!principal.permissions.has("users:manage")) {
    throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
      hint: "assigned_user_id needs the permission users:manage.",
    });
  }
  const user = await findUser(deps.read, administeredScope(principal), assigned);
  if (!user) {
    throw new ApiError("VALIDATION_ERROR", undefined, {
      details: [{ field: "assigned_user_id", message: "is no user that you administer" }],
    });
  }
  demandNoGreater(user, principal);
  return user.id;
}
