import type { Payer } from "../core/accounting.ts";
import type { RateLimits } from "../core/tenancy.ts";
import type { LimitedScope } from "./limiter.ts";

/** Requests in any 60 s at each level; 0 = unlimited, counted all the same. */
export interface LevelLimits {
  readonly key: number;
  readonly user: number;
  readonly tenant: number;
  readonly partner: number;
}

/** What holds where the installation sets nothing of its own. */
export const DEFAULT_LIMITS: LevelLimits = { key: 60, user: 120, tenant: 1_000, partner: 5_000 };

/** Management calls of one user in any 60 s; they are counted apart from calls that can cost money. */
export const MANAGEMENT_LIMIT = 600;

/** The overrides that the entities of one caller carry. */
export type OwnLimits = Readonly<Partial<Record<keyof LevelLimits, RateLimits>>>;

/** The limit in force at one level, requests in any 60 s. A key's own can only tighten the installation's. */
export function effectiveLimit(
  level: keyof LevelLimits,
  own: RateLimits | undefined,
  installation: LevelLimits,
): number {
  const standard = installation[level];
  const override = own?.requests_per_minute;
  if (override === undefined) return standard;
  if (level !== "key" || standard === 0) return override;
  return override === 0 ? standard : Math.min(override, standard);
}

/** The four scopes a request of this payer is counted in, tightest level first; the same until a limit changes. */
export function limitedScopes(
  payer: Payer,
  own: OwnLimits,
  installation: LevelLimits,
): readonly LimitedScope[] {
  return [
    { level: "key", scopeId: payer.keyId, limit: effectiveLimit("key", own.key, installation) },
    { level: "user", scopeId: payer.userId, limit: effectiveLimit("user", own.user, installation) },
    { level: "tenant", scopeId: payer.tenantId, limit: effectiveLimit("tenant", own.tenant, installation) },
    {
      level: "partner",
      scopeId: payer.partnerId,
      limit: effectiveLimit("partner", own.partner, installation),
    },
  ];
}
