import { z } from "zod";
import { partnersPolicy, type PolicyInForce, policyAbove } from "../core/broken-streams.ts";
import type { Principal } from "../core/principal.ts";
import type { Scope } from "../core/scope.ts";
import type { Partner, Tenant } from "../core/tenancy.ts";
import { ApiError } from "../errors.ts";
import type { LevelChange } from "../store/tenancy/writer.ts";
import { brokenStreamsChange, changedTerms } from "./broken-streams.ts";
import type { AdminDeps } from "./deps.ts";
import { shownText } from "./fields.ts";
import { given } from "./given.ts";
import { changedLimits, limitsChange } from "./rate-limits.ts";
import { changedSettings, levelSlug, settingsChange, status, timeZone } from "./tenancy-fields.ts";

/** What of a partner or a tenant can be changed. */
export const levelChange = {
  slug: levelSlug.optional(),
  display_name: shownText.optional(),
  status: status.optional().describe("`suspended` refuses its callers and cuts what they have in flight."),
  time_zone: timeZone.optional(),
  settings: settingsChange.optional(),
  rate_limits: limitsChange.optional(),
  broken_streams: brokenStreamsChange.optional(),
};
const schema = z.strictObject(levelChange);
type Body = z.output<typeof schema>;

/** The change to commit for what a caller asked. Throws ApiError for limits and policies that are not theirs to give. */
export function changeOf(
  level: "partner" | "tenant",
  former: Partner | Tenant,
  body: Body,
  caller: Scope,
  { config, snapshot }: Pick<AdminDeps, "config" | "snapshot">,
): LevelChange {
  return given({
    ...changedLimits(level, former, body.rate_limits, caller, config),
    slug: body.slug,
    displayName: body.display_name,
    status: body.status,
    timeZone: body.time_zone,
    settings: body.settings && changedSettings(former.settings, body.settings),
    brokenStreams: changedTerms({
      level,
      former,
      caller,
      asked: body.broken_streams,
      ...policiesOver(former, snapshot),
    }),
  });
}

/** What holds for a level before it asks anything of itself, and what its partner has to give. */
export function policiesOver(
  level: Partner | Pick<Tenant, "partnerId" | "brokenStreams">,
  snapshot: Pick<AdminDeps["snapshot"], "partnerById">,
): { readonly above: PolicyInForce; readonly givers: PolicyInForce } {
  if ("partnerId" in level) {
    const partner = snapshot.partnerById(level.partnerId) ?? {};
    return { above: policyAbove(level, partner), givers: partnersPolicy(partner) };
  }
  const { set } = level.brokenStreams ?? {};
  const above = partnersPolicy({ brokenStreams: { ...(set && { set }) } });
  return { above, givers: above };
}

/** Refuses what only the level above may change. Throws ApiError AUTHZ_PERMISSION_DENIED. */
export function demandAbove(
  { permissions }: Principal,
  permission: "platform:manage" | "partner:manage",
  body: Body,
): void {
  if (permissions.has(permission)) return;
  for (const field of ["slug", "status"] as const) {
    if (body[field] === undefined) continue;
    throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
      hint: `Changing ${field} needs the permission ${permission}.`,
    });
  }
}

/**
 * Refuses to lock out the caller, or those who run the installation: they belong to its first tenant. Throws ApiError
 * CONFLICT.
 */
export function demandNoLockOut(
  level: "partner" | "tenant",
  id: string,
  body: Body,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): void {
  if (body.status !== "suspended") return;
  if (principal[level].id === id) {
    throw new ApiError("CONFLICT", "You would lock yourself out.", {
      hint: "Ask somebody who belongs elsewhere to suspend it.",
    });
  }
  const home = snapshot.homeTenantId();
  if (id !== (level === "tenant" ? home : snapshot.tenantById(home)?.partnerId)) return;
  throw new ApiError("CONFLICT", `The installation's first ${level} goes on.`, {
    hint: "The administrators of the installation belong to it.",
  });
}
