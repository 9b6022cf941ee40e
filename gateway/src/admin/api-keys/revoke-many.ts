import { z } from "zod";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { findKey, listKeys } from "../../store/keys/reader.ts";
import { revokeKeys } from "../../store/keys/writer.ts";
import type { ApiKey } from "../../core/tenancy.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { given } from "../given.ts";
import { committed } from "../refusals.ts";
import { isNoGreater, manageableKeys } from "./scope.ts";

/** Keys of one call: each is a row of the audit log and of the change log. */
const KEYS_PER_CALL = 500;

const instant = z.iso
  .datetime({ offset: true, error: "must be a date and time such as 2026-11-21T00:00:00Z" })
  .transform((text) => Date.parse(text));

const filter = z
  .strictObject({
    user_id: z.string().optional(),
    tenant_id: z.string().optional(),
    name: z.string().min(1).max(200).optional().describe("Part of the name."),
    created_before: instant.optional(),
    unused_since: instant.optional().describe("Not used since, or never."),
  })
  .refine((given) => Object.keys(given).length > 0, "must name something: it would mean every key");

export const revokeKeysEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/api-keys/revoke",
  access: "api_keys:manage",
  tag: "API keys",
  operationId: "revokeApiKeys",
  summary: "Revoke many keys at once, by id or by what they have in common; never the one in use",
  costBearing: false,
  auditAction: "api_key.revoke",
  body: z
    .strictObject({
      ids: z.array(z.string()).min(1).max(KEYS_PER_CALL).optional(),
      filter: filter.optional(),
    })
    .refine((body) => (body.ids === undefined) !== (body.filter === undefined), {
      path: ["filter"],
      message: "give either ids or filter",
    })
    .meta({ examples: [{ filter: { unused_since: "2026-06-01T00:00:00Z" } }] }),
  response: z
    .strictObject({
      revoked: z.array(z.string()),
      not_found: z.array(z.string()).describe("Ids that are none, or none of yours."),
      has_more: z.boolean().describe("More keys match: call again."),
    })
    .meta({ id: "RevokedApiKeys" }),
  async handle({ principal, body }, deps) {
    const found = body.ids
      ? await named(body.ids, principal, deps)
      : await matching(body.filter ?? {}, principal, deps);
    const keys = found.slice(0, KEYS_PER_CALL);
    const now = deps.clock.now();
    const scope = manageableKeys(principal);
    if (keys.length > 0) {
      const ids = keys.map(({ id }) => id);
      await committed(deps.commit(revokeKeys(ids, scope, now)), { missing: "NOT_FOUND" });
    }
    const revoked = keys.map(({ id }) => id);
    const unknown = (body.ids ?? []).filter((id) => !revoked.includes(id));
    return {
      kind: "data",
      data: { revoked, not_found: unknown, has_more: found.length > keys.length },
    };
  },
});

async function named(ids: readonly string[], principal: Principal, deps: AdminDeps): Promise<ApiKey[]> {
  const inUse = principal.proof.kind === "key" ? principal.proof.key.id : undefined;
  if (inUse !== undefined && ids.includes(inUse)) {
    throw new ApiError("VALIDATION_ERROR", undefined, {
      details: [{ field: "ids", message: `${inUse} is the key of this call: revoke it by itself, last` }],
    });
  }
  const keys: ApiKey[] = [];
  for (const id of new Set(ids)) {
    const key = await findKey(deps.read, manageableKeys(principal), id);
    if (key && isNoGreater(key, principal, deps)) keys.push(key);
  }
  return keys;
}

/** Keys that the filter and the caller's reach let through, page after page: those that are not theirs to revoke are
 * passed over, however many stand before the rest. One more than fit a call tells that there are more. */
async function matching(
  { user_id, tenant_id, name, created_before, unused_since }: z.output<typeof filter>,
  principal: Principal,
  deps: AdminDeps,
): Promise<ApiKey[]> {
  const inUse = principal.proof.kind === "key" ? principal.proof.key.id : undefined;
  const isMeant = (key: ApiKey): boolean =>
    key.id !== inUse && isNoGreater(key, principal, deps) && isIdle(key, unused_since, deps);
  const asked = {
    limit: KEYS_PER_CALL + 1,
    status: "active" as const,
    ...given({
      userId: user_id,
      tenantId: tenant_id,
      q: name,
      madeBefore: created_before,
      unusedSince: unused_since,
    }),
  };
  const keys: ApiKey[] = [];
  let beforeId: string | undefined;
  for (;;) {
    const found = await listKeys(deps.read, manageableKeys(principal), { ...asked, ...given({ beforeId }) });
    keys.push(...found.filter(isMeant));
    beforeId = found.at(-1)?.id;
    if (found.length < asked.limit || keys.length > KEYS_PER_CALL) return keys;
  }
}

/** What the store knows of a key's last use may be half a minute old. */
function isIdle(key: ApiKey, since: number | undefined, { activity }: Pick<AdminDeps, "activity">): boolean {
  return since === undefined || (activity.keyLastUsed(key.id, key.lastUsedAt) ?? 0) < since;
}
