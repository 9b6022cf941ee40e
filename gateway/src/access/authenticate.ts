import type { Principal } from "../core/principal.ts";
import type { ApiKey, Partner, Tenant, User } from "../core/tenancy.ts";
import type { ErrorCode } from "../errors.ts";
import { permissionsOf } from "./roles.ts";

/** What the control plane in memory knows. */
export interface IdentityLookups {
  keyByHash(hash: string): ApiKey | undefined;
  userById(id: string): User | undefined;
  tenantById(id: string): Tenant | undefined;
  partnerById(id: string): Partner | undefined;
}

/** Why a key opens nothing. `reason` is for the log alone: callers see one body for every invalid key. */
export interface AuthRefusal {
  readonly refusal: Extract<ErrorCode, "AUTH_TOKEN_INVALID" | "TENANT_SUSPENDED">;
  readonly reason:
    "unknown" | "revoked" | "expired" | "user_suspended" | "tenant_suspended" | "partner_suspended";
}

/**
 * Turns the hash of a well-formed key into its principal at `nowMs` (epoch milliseconds). The same four look-ups
 * are made for every key, known or not, so neither the answer nor its time tells which keys exist.
 */
export function authenticate(
  lookups: IdentityLookups,
  keyHash: string,
  nowMs: number,
): Principal | AuthRefusal {
  const key = lookups.keyByHash(keyHash);
  const user = lookups.userById(key?.userId ?? "");
  const tenant = lookups.tenantById(user?.tenantId ?? "");
  const partner = lookups.partnerById(tenant?.partnerId ?? "");
  // A key whose user, tenant or partner is gone is as good as unknown.
  if (!key || !user || !tenant || !partner) return { refusal: "AUTH_TOKEN_INVALID", reason: "unknown" };
  if (key.status !== "active") return { refusal: "AUTH_TOKEN_INVALID", reason: "revoked" };
  if (isExpired(key, nowMs)) return { refusal: "AUTH_TOKEN_INVALID", reason: "expired" };
  if (user.status !== "active") return { refusal: "AUTH_TOKEN_INVALID", reason: "user_suspended" };
  if (tenant.status !== "active") return { refusal: "TENANT_SUSPENDED", reason: "tenant_suspended" };
  if (partner.status !== "active") return { refusal: "TENANT_SUSPENDED", reason: "partner_suspended" };
  return { partner, tenant, user, key, permissions: permissionsOf(user.roles) };
}

/** Whether the key's life is over at `nowMs`: a cached principal must be asked again at every request. */
export function isExpired(key: ApiKey, nowMs: number): boolean {
  return key.expiresAt !== undefined && key.expiresAt <= nowMs;
}
