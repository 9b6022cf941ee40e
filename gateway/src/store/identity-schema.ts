import type { Status, User } from "../core/tenancy.ts";

export interface PartnersTable {
  id: string;
  slug: string;
  display_name: string;
  status: Status;
  time_zone: string;
  /** JSON object. */
  settings: string;
  /** JSON of `LimitsSet` and of `RateLimits`; null = none. */
  limits_set: string | null;
  limits_own: string | null;
  /** JSON of `BrokenStreamTerms`; null = none. */
  broken_streams: string | null;
}

export interface TenantsTable {
  id: string;
  partner_id: string;
  slug: string;
  display_name: string;
  status: Status;
  time_zone: string;
  /** JSON object. */
  settings: string;
  /** JSON of `LimitsSet` and of `RateLimits`; null = none. */
  limits_set: string | null;
  limits_own: string | null;
  /** JSON of `BrokenStreamTerms`; null = none. */
  broken_streams: string | null;
}

export interface UsersTable {
  id: string;
  tenant_id: string;
  email: string | null;
  display_name: string;
  kind: User["kind"];
  status: Status;
  /** JSON list of role names. */
  roles: string;
  /** JSON list of ids; null = none. */
  custom_role_ids: string | null;
  /** Epoch milliseconds; the row stays, so that what it did keeps a name that is nobody's. */
  deleted_at: bigint | null;
  /** JSON of `LimitsSet`; null = none. */
  limits_set: string | null;
}

export interface ApiKeysTable {
  id: string;
  user_id: string;
  name: string;
  /** SHA-256 of the key, hex. */
  hash: string;
  prefix: string;
  last4: string;
  status: "active" | "revoked";
  expires_at: bigint | null;
  created_at: bigint;
  /** Epoch milliseconds; up to a minute behind. */
  last_used_at: bigint | null;
  /** JSON lists; null = no such restriction. */
  scopes: string | null;
  models: string | null;
  allowed_ips: string | null;
  /** JSON object of strings. */
  metadata: string | null;
  /** JSON of `RateLimits`; null = none of its own. */
  rate_limits: string | null;
  /** The id of the key it was made to replace. */
  replaces: string | null;
}

export interface PasswordsTable {
  user_id: string;
  /** argon2id, in its PHC string form. */
  hash: string;
  updated_at: bigint;
}

export interface SessionsTable {
  id: string;
  user_id: string;
  /** SHA-256 of the cookie's token, hex. */
  token_hash: string;
  created_at: bigint;
  /** Up to a minute behind. */
  last_seen_at: bigint;
  user_agent: string | null;
}

/** One-time links with which a person sets a password; one for each. */
export interface InvitationsTable {
  user_id: string;
  /** SHA-256 of the token, hex. */
  token_hash: string;
  created_at: bigint;
  expires_at: bigint;
}

/** One-time links that make an administrator. */
export interface ClaimsTable {
  /** SHA-256 of the token, hex. */
  token_hash: string;
  created_at: bigint;
  expires_at: bigint;
}
