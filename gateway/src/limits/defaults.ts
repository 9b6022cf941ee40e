import type { Payer } from "../core/accounting.ts";
import type { Principal } from "../core/principal.ts";
import type { LevelLimited, RateLimits } from "../core/tenancy.ts";
import type { LimitedScope } from "./limiter.ts";

/** One limit for each level; 0 = unlimited. */
export interface LevelLimits {
  readonly key: number;
  readonly user: number;
  readonly tenant: number;
  readonly partner: number;
}

/** What can be limited at each level. */
export type LimitName = keyof RateLimits;

/** Requests in any 60 s where the installation sets nothing of its own. */
export const DEFAULT_LIMITS: LevelLimits = { key: 60, user: 120, tenant: 1_000, partner: 5_000 };

/** Management calls of one user in any 60 s; they are counted apart from calls that can cost money. */
export const MANAGEMENT_LIMIT = 600;

/** What one level is limited to in place of the installation's, and what of that those above it have set. */
export type Override = Pick<LevelLimited, "rateLimits" | "limitsSet">;

/** The overrides that the entities of one caller carry. */
export type OwnLimits = Readonly<Partial<Record<keyof LevelLimits, Override>>>;

const NO_OWN_LIMITS: OwnLimits = {};
const NO_SCOPES: readonly LimitedScope[] = [];

/** The overrides of a caller's key, user, tenant and partner. */
export function ownLimits({ proof, user, tenant, partner }: Principal): OwnLimits {
  const key = proof.kind === "key" ? proof.key.rateLimits : undefined;
  if (!key && !user.rateLimits && !tenant.rateLimits && !partner.rateLimits) return NO_OWN_LIMITS;
  return {
    ...(key && { key: { rateLimits: key } }),
    ...(user.rateLimits && { user }),
    ...(tenant.rateLimits && { tenant }),
    ...(partner.rateLimits && { partner }),
  };
}

/**
 * The limit in force at one level. What those above have set stands in place of the installation's; what a level, or a
 * key, has set for itself can only tighten it, also when the installation's has become tighter since.
 */
export function effectiveLimit(
  level: keyof LevelLimits,
  override: Override | undefined,
  name: LimitName,
  installation: LevelLimits,
): number {
  const standard = installation[level];
  const own = override?.rateLimits?.[name];
  if (own === undefined) return standard;
  if (standard === 0 || override?.limitsSet?.limits[name] !== undefined) return own;
  return own === 0 ? standard : Math.min(own, standard);
}

/** The four scopes a request of this payer is counted in, tightest level first; the same until a limit changes. */
export function limitedScopes(
  payer: Payer,
  own: OwnLimits,
  installation: LevelLimits,
  name: LimitName = "requests_per_minute",
): readonly LimitedScope[] {
  const key = effectiveLimit("key", own.key, name, installation);
  const user = effectiveLimit("user", own.user, name, installation);
  const tenant = effectiveLimit("tenant", own.tenant, name, installation);
  const partner = effectiveLimit("partner", own.partner, name, installation);
  return [
    { level: "key", scopeId: payer.keyId, limit: key },
    { level: "user", scopeId: payer.userId, limit: user },
    { level: "tenant", scopeId: payer.tenantId, limit: tenant },
    { level: "partner", scopeId: payer.partnerId, limit: partner },
  ];
}

/**
 * The scopes that have a limit of this name: for what is off by default and counted only where it is on, so that
 * nobody pays for it (5 ns) who does not use it.
 */
export function scopesWithLimit(
  payer: Payer,
  own: OwnLimits,
  installation: LevelLimits,
  name: LimitName,
): readonly LimitedScope[] {
  if (own === NO_OWN_LIMITS && isUnlimited(installation)) return NO_SCOPES;
  return limitedScopes(payer, own, installation, name).filter(({ limit }) => limit > 0);
}

function isUnlimited({ key, user, tenant, partner }: LevelLimits): boolean {
  return key === 0 && user === 0 && tenant === 0 && partner === 0;
}
