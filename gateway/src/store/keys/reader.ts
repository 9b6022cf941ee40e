import type { Scope } from "../../core/scope.ts";
import type { ApiKey } from "../../core/tenancy.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { fromJson, optionalNumber, present } from "../rows.ts";
import type { ApiKeysTable } from "../identity-schema.ts";
import { JOINED_COLUMNS, scoped } from "../scope.ts";
import { contains } from "../text-search.ts";
import type { Reader } from "../store.ts";

function optionalJson<T>(text: string | null): T | null {
  return text === null ? null : fromJson<T>(text);
}

/** A hundred thousand of them are made at a start: what most do not have costs them one comparison. */
function toKey(row: ApiKeysTable): ApiKey {
  const key: ApiKey = {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    hash: row.hash,
    prefix: row.prefix,
    last4: row.last4,
    status: row.status,
    createdAt: Number(row.created_at),
  };
  const options = {
    expiresAt: optionalNumber(row.expires_at),
    lastUsedAt: optionalNumber(row.last_used_at),
    scopes: optionalJson<NonNullable<ApiKey["scopes"]>>(row.scopes),
    models: optionalJson<NonNullable<ApiKey["models"]>>(row.models),
    allowedIps: optionalJson<NonNullable<ApiKey["allowedIps"]>>(row.allowed_ips),
    metadata: optionalJson<NonNullable<ApiKey["metadata"]>>(row.metadata),
    rateLimits: optionalJson<NonNullable<ApiKey["rateLimits"]>>(row.rate_limits),
    replaces: row.replaces,
  };
  return Object.values(options).every((option) => option === null) ? key : { ...key, ...present(options) };
}

export async function loadKeys(read: Reader): Promise<ApiKey[]> {
  const query = read.selectFrom("api_keys").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toKey);
}

export async function loadKey(read: Reader, id: string): Promise<ApiKey | undefined> {
  const row = await read.selectFrom("api_keys").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toKey(row);
}

/** For a well-formed key this node has never seen. */
export async function findKeyByHash(read: Reader, hash: string): Promise<ApiKey | undefined> {
  const row = await read.selectFrom("api_keys").selectAll().where("hash", "=", hash).executeTakeFirst();
  return row && toKey(row);
}

export interface KeyPage {
  readonly limit: number;
  /** Only this user's keys. */
  readonly userId?: string;
  readonly tenantId?: string;
  readonly status?: ApiKey["status"];
  /** Part of a name, in whatever case. */
  readonly q?: string;
  /** Made before this instant, epoch milliseconds. */
  readonly madeBefore?: number;
  /** Not used since this instant, or never. */
  readonly unusedSince?: number;
  /** The last id of the page before. */
  readonly beforeId?: string;
}

/** Keys within a scope, revoked ones included, newest first. */
export async function listKeys(read: Reader, scope: Scope, page: KeyPage): Promise<ApiKey[]> {
  const { madeBefore, unusedSince } = page;
  let query = keysWithin(read, scope).orderBy("api_keys.id", "desc").limit(page.limit);
  if (page.userId !== undefined) query = query.where("api_keys.user_id", "=", page.userId);
  if (page.tenantId !== undefined) query = query.where("users.tenant_id", "=", page.tenantId);
  if (page.status !== undefined) query = query.where("api_keys.status", "=", page.status);
  if (page.q !== undefined) query = query.where(contains(["api_keys.name"], page.q));
  if (madeBefore !== undefined) query = query.where("api_keys.created_at", "<", BigInt(madeBefore));
  if (unusedSince !== undefined) {
    query = query.where((eb) =>
      eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<", BigInt(unusedSince))]),
    );
  }
  if (page.beforeId !== undefined) query = query.where("api_keys.id", "<", page.beforeId);
  return (await query.execute()).map(toKey);
}

/** One key, if it is within the scope. */
export async function findKey(read: Reader, scope: Scope, id: string): Promise<ApiKey | undefined> {
  const row = await keysWithin(read, scope).where("api_keys.id", "=", id).executeTakeFirst();
  return row && toKey(row);
}

function keysWithin(read: Reader, scope: Scope) {
  return read
    .selectFrom("api_keys")
    .innerJoin("users", "users.id", "api_keys.user_id")
    .innerJoin("tenants", "tenants.id", "users.tenant_id")
    .selectAll("api_keys")
    .where(scoped(scope, JOINED_COLUMNS));
}
