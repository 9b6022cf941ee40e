import { z } from "zod";
import type { Principal } from "../../core/principal.ts";
import type { ApiKey } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { type KeyChange, updateKey } from "../../store/keys/writer.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { given } from "../given.ts";
import { committed } from "../refusals.ts";
import { demandFuture } from "./expiry.ts";
import { getKey } from "./get.ts";
import { keyView, usageOfLastDay, viewKey } from "./key-view.ts";
import { type Restrictions, restrictions, withinMaker } from "./restrictions.ts";
import { manageableKey, manageableKeys } from "./scope.ts";

const body = z
  .strictObject({
    name: shownText.optional(),
    expires_at: restrictions.expires_at.nullable().optional(),
    scopes: restrictions.scopes.nullable().optional(),
    models: restrictions.models.nullable().optional(),
    allowed_ips: restrictions.allowed_ips.nullable().optional(),
    metadata: restrictions.metadata.nullable().optional(),
    rate_limits: restrictions.rate_limits.nullable().optional(),
  })
  .meta({ examples: [{ name: "billing service", expires_at: null }] });

export const updateKeyEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/api-keys/{key_id}",
  access: "api_keys:manage",
  tag: "API keys",
  summary: "Rename a key or change what it is narrowed to; null takes a restriction away",
  costBearing: false,
  auditAction: "api_key.update",
  changes: getKey,
  params: z.strictObject({ key_id: z.string() }),
  body,
  response: keyView,
  async handle({ principal, params, body: input }, deps) {
    const now = deps.clock.now();
    demandFuture(input.expires_at, now);
    const former = await manageableKey(params.key_id, principal, deps);
    const change = changeOf(former, input, principal, deps);
    const scope = manageableKeys(principal);
    await committed(deps.commit(updateKey(former.id, change, scope, now)), { missing: "NOT_FOUND" });
    const key = deps.snapshot.keyById(former.id) ?? former;
    const used = await usageOfLastDay(scope, deps, [key.id]);
    return { kind: "data", data: viewKey(key, used.get(key.id), deps) };
  },
});

/** The change to commit: what the key would become must be within what the caller may make. */
function changeOf(
  former: ApiKey,
  input: z.output<typeof body>,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): KeyChange {
  const { name, expires_at: expiresAt, scopes, models, allowed_ips: allowedIps, metadata } = input;
  const { rate_limits: rateLimits } = input;
  const change = given({ expiresAt, scopes, models, allowedIps, metadata, rateLimits });
  const holder = snapshot.userById(former.userId);
  if (holder && Object.keys(change).length > 0) {
    const held = snapshot.permissionsHeld(holder);
    const present = former.scopes && { scopes: former.scopes.filter((scope) => held.has(scope)) };
    const wish = withoutNull({ ...restrictionsOf(former), ...present, ...change });
    demandNoWider(wish, withinMaker(wish, held, principal));
  }
  return { ...change, ...given({ name }) };
}

/** Refuses a key that lacks a restriction of the key in use. Throws ApiError AUTHZ_PERMISSION_DENIED. */
function demandNoWider(wish: Restrictions, allowed: Restrictions): void {
  const [most, asked] = [allowed.rateLimits ?? {}, wish.rateLimits ?? {}];
  const isWider =
    Object.keys(allowed).length > Object.keys(wish).length ||
    Object.keys(most).length > Object.keys(asked).length;
  if (!isWider) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", "That key may do more than the one in use.", {
    hint: "Use a key without restrictions, or sign in.",
  });
}

function restrictionsOf(key: ApiKey): Restrictions {
  const { expiresAt, scopes, models, allowedIps, metadata, rateLimits } = key;
  return given({ expiresAt, scopes, models, allowedIps, metadata, rateLimits });
}

function withoutNull(wish: {
  readonly [Name in keyof Restrictions]?: Restrictions[Name] | null;
}): Restrictions {
  const { expiresAt, scopes, models, allowedIps, metadata, rateLimits } = wish;
  return given({
    expiresAt: expiresAt ?? undefined,
    scopes: scopes ?? undefined,
    models: models ?? undefined,
    allowedIps: allowedIps ?? undefined,
    metadata: metadata ?? undefined,
    rateLimits: rateLimits ?? undefined,
  });
}
