import type { UnderTerms } from "./broken-streams.ts";
import type { Permission, Role } from "./permissions.ts";

export type Status = "active" | "suspended";

/** What a partner, tenant, user or key is limited to; undefined = the installation's default, 0 = unlimited. */
export interface RateLimits {
  /** In any 60 s. */
  readonly requests_per_minute?: number;
  /** Input and output in any 60 s. */
  readonly tokens_per_minute?: number;
  /** In flight at once, waiting for a place included. */
  readonly concurrent_requests?: number;
}

export const LIMIT_NAMES = ["requests_per_minute", "tokens_per_minute", "concurrent_requests"] as const;

/** Facts that people keep with a partner or a tenant; the gateway does not act on them. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Who has set the limits of a level: the one above it, or one further up. */
export type LimitSetter = "platform" | "partner" | "tenant";

/** Limits of a partner, a tenant or a user, as those above have set them. */
export interface LimitsSet {
  readonly by: LimitSetter;
  readonly limits: RateLimits;
}

/** Of two limits for each name the tighter one; 0 = unlimited. */
export function tighterLimits(set: RateLimits = {}, own: RateLimits = {}): RateLimits {
  const limits: { -readonly [Name in keyof RateLimits]: RateLimits[Name] } = { ...set };
  for (const name of LIMIT_NAMES) {
    const [above, mine] = [set[name] ?? 0, own[name]];
    if (mine === undefined) continue;
    limits[name] = above === 0 || mine === 0 ? Math.max(above, mine) : Math.min(above, mine);
  }
  return limits;
}

/** What a partner, a tenant or a user is limited to, and whose word it is. */
export interface LevelLimited {
  /** In force: what was set, tightened by the level itself. Absent = the installation's. */
  readonly rateLimits?: RateLimits;
  readonly limitsSet?: LimitsSet;
  /** What the level has tightened for itself. */
  readonly limitsOwn?: RateLimits;
}

export interface Partner extends LevelLimited, UnderTerms {
  readonly id: string;
  readonly slug: string;
  readonly displayName: string;
  readonly status: Status;
  /** IANA name; days and months of its reports roll in it. */
  readonly timeZone: string;
  readonly settings: Settings;
}

export interface Tenant extends LevelLimited, UnderTerms {
  readonly id: string;
  readonly partnerId: string;
  readonly slug: string;
  readonly displayName: string;
  readonly status: Status;
  readonly timeZone: string;
  readonly settings: Settings;
}

export interface User extends LevelLimited {
  readonly id: string;
  readonly tenantId: string;
  readonly email?: string;
  readonly displayName: string;
  readonly kind: "human" | "service";
  readonly status: Status;
  readonly roles: readonly Role[];
  /** Of their own; absent = none. */
  readonly customRoleIds?: readonly string[];
}

export interface ApiKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** SHA-256 of the whole key, hex: the key itself is never stored. */
  readonly hash: string;
  /** What lists show: the first eight and the last four characters. */
  readonly prefix: string;
  readonly last4: string;
  readonly status: "active" | "revoked";
  /** Epoch milliseconds; undefined = never. */
  readonly expiresAt?: number;
  readonly createdAt: number;
  /** Epoch milliseconds, up to a minute behind; undefined = not yet. */
  readonly lastUsedAt?: number;
  /** Of its user's permissions only these; undefined = all. */
  readonly scopes?: readonly Permission[];
  /** The slugs it may ask for; one that ends with `/*` is all slugs that begin so. Undefined = all its user's. */
  readonly models?: readonly string[];
  /** Addresses and blocks (`192.0.2.0/24`) it may be used from; undefined = anywhere. */
  readonly allowedIps?: readonly string[];
  /** What its holder wants to remember of it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The key it has taken the place of. */
  readonly replaces?: string;
  /** They can only tighten what holds above. */
  readonly rateLimits?: RateLimits;
}

/** A person signed in with a browser. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  /** SHA-256 of the cookie's token, hex: the token itself is never stored. */
  readonly tokenHash: string;
  readonly createdAt: number;
  /** Epoch milliseconds, up to a minute behind. */
  readonly lastSeenAt: number;
  readonly userAgent?: string;
}
