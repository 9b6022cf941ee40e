import type { Payer } from "../core/accounting.ts";
import type { Principal } from "../core/principal.ts";
import type { RateLimits } from "../core/tenancy.ts";
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

/** The overrides that the entities of one caller carry. */
export type OwnLimits = Readonly<Partial<Record<keyof LevelLimits, RateLimits>>>;

const NO_OWN_LIMITS: OwnLimits = {};
const NO_SCOPES: readonly LimitedScope[] = [];

/** The overrides of a caller's key, user, tenant and partner. */
export function ownLimits({ proof, user, tenant, partner }: Principal): OwnLimits {
  const key = proof.kind === "key" ? proof.key.rateLimits : undefined;
  if (!key && !user.rateLimits && !tenant.rateLimits && !partner.rateLimits) return NO_OWN_LIMITS;
  return {
    ...(key && { key }),
    ...(user.rateLimits && { user: user.rateLimits }),
    ...(tenant.rateLimits && { tenant: tenant.rateLimits }),
    ...(partner.rateLimits && { partner: partner.rateLimits }),
  };
}

/** The limit in force at one level. A key's own can only tighten the installation's. */
export function effectiveLimit(
  level: keyof LevelLimits,
  override: number | undefined,
  installation: LevelLimits,
): number {
  const standard = installation[level];
  if (override === undefined) return standard;
  if (level !== "key" || standard === 0) return override;
  return override === 0 ? standard : Math.min(override, standard);
}

/** The four scopes a request of this payer is counted in, tightest level first; the same until a limit changes. */
export function limitedScopes(
  payer: Payer,
  own: OwnLimits,
  installation: LevelLimits,
  name: LimitName = "requests_per_minute",
): readonly LimitedScope[] {
  const limit = (level: keyof LevelLimits) => effectiveLimit(level, own[level]?.[name], installation);
  return [
    { level: "key", scopeId: payer.keyId, limit: limit("key") },
    { level: "user", scopeId: payer.userId, limit: limit("user") },
    { level: "tenant", scopeId: payer.tenantId, limit: limit("tenant") },
    { level: "partner", scopeId: payer.partnerId, limit: limit("partner") },
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
