import type { Permission } from "../core/permissions.ts";
import type { Principal, Proof } from "../core/principal.ts";
import type { ApiKey, Partner, Session, Tenant, User } from "../core/tenancy.ts";
import type { ErrorCode } from "../errors.ts";

/** What the control plane in memory knows. */
export interface IdentityLookups {
  keyByHash(hash: string): ApiKey | undefined;
  sessionByHash(hash: string): Session | undefined;
  userById(id: string): User | undefined;
  tenantById(id: string): Tenant | undefined;
  partnerById(id: string): Partner | undefined;
  /** All that a user may do. */
  permissionsHeld(user: User): ReadonlySet<Permission>;
  /** What of that a key lets through. */
  permissionsWith(key: ApiKey, held: ReadonlySet<Permission>): ReadonlySet<Permission>;
}

/** Why a proof opens nothing. `reason` is for the log alone: callers see one body for every invalid key. */
export interface AuthRefusal {
  readonly refusal: Extract<ErrorCode, "AUTH_TOKEN_INVALID" | "SESSION_EXPIRED" | "TENANT_SUSPENDED">;
  readonly reason:
    "unknown" | "revoked" | "expired" | "user_suspended" | "tenant_suspended" | "partner_suspended";
}

/** Milliseconds without a call after which a browser session ends. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** Milliseconds after which a browser session ends however busy it is. */
export const SESSION_LIFE_MS = 12 * 3_600_000;

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
  const verdict = standing(lookups, user, key && { kind: "key", key });
  if (!key || ("refusal" in verdict && verdict.reason === "unknown")) return verdict;
  if (key.status !== "active") return { refusal: "AUTH_TOKEN_INVALID", reason: "revoked" };
  if (isExpired(key, nowMs)) return { refusal: "AUTH_TOKEN_INVALID", reason: "expired" };
  return verdict;
}

/**
 * Turns the hash of a session cookie's token into its principal. `lastSeenMs` is the session's last call as this
 * node knows it, which may be later than what is stored.
 */
export function authenticateSession(
  lookups: IdentityLookups,
  tokenHash: string,
  lastSeenMs: (session: Session) => number,
  nowMs: number,
): Principal | AuthRefusal {
  const session = lookups.sessionByHash(tokenHash);
  if (!session) return { refusal: "SESSION_EXPIRED", reason: "unknown" };
  const over = nowMs - session.createdAt > SESSION_LIFE_MS || nowMs - lastSeenMs(session) > SESSION_IDLE_MS;
  if (over) return { refusal: "SESSION_EXPIRED", reason: "expired" };
  return standing(lookups, lookups.userById(session.userId), { kind: "session", session });
}

/** Whether the user behind a proof, and the tenant and partner above, may act. */
function standing(
  lookups: IdentityLookups,
  user: User | undefined,
  proof: Proof | undefined,
): Principal | AuthRefusal {
  const tenant = lookups.tenantById(user?.tenantId ?? "");
  const partner = lookups.partnerById(tenant?.partnerId ?? "");
  // A proof whose user, tenant or partner is gone is as good as unknown.
  if (!proof || !user || !tenant || !partner) return { refusal: "AUTH_TOKEN_INVALID", reason: "unknown" };
  if (user.status !== "active") return { refusal: "AUTH_TOKEN_INVALID", reason: "user_suspended" };
  if (tenant.status !== "active") return { refusal: "TENANT_SUSPENDED", reason: "tenant_suspended" };
  if (partner.status !== "active") return { refusal: "TENANT_SUSPENDED", reason: "partner_suspended" };
  const held = lookups.permissionsHeld(user);
  const permissions = proof.kind === "key" ? lookups.permissionsWith(proof.key, held) : held;
  return { partner, tenant, user, proof, permissions, held };
}

/** Whether the key's life is over at `nowMs`: a cached principal must be asked again at every request. */
export function isExpired(key: ApiKey, nowMs: number): boolean {
  return key.expiresAt !== undefined && key.expiresAt <= nowMs;
}
