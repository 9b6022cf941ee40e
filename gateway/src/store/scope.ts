import { type Expression, sql, type SqlBool } from "kysely";
import type { Scope } from "../core/scope.ts";

/** Which columns of a query say whose row it is. */
export interface OwnerColumns {
  readonly partner: string;
  /** Absent where the row belongs to no single tenant: callers of that reach or less get none. */
  readonly tenant?: string;
  readonly user?: string;
}

/** Rows that carry their owners themselves: usage and request traces. */
export const OWN_COLUMNS: OwnerColumns = { partner: "partner_id", tenant: "tenant_id", user: "user_id" };

/** Entries of the audit log: the log is the tenant's, a user's part of it is what they did. */
export const AUDIT_COLUMNS: OwnerColumns = { partner: "partner_id", tenant: "tenant_id", user: "actor_id" };

/** Rows that are reached through their user: `users` joined with `tenants`. */
export const JOINED_COLUMNS: OwnerColumns = {
  partner: "tenants.partner_id",
  tenant: "users.tenant_id",
  user: "users.id",
};

/** Rows of `partners` and of `tenants` themselves. */
export const PARTNER_COLUMNS: OwnerColumns = { partner: "partners.id" };
export const TENANT_COLUMNS: OwnerColumns = { partner: "tenants.partner_id", tenant: "tenants.id" };

const NONE = sql<SqlBool>`1 = 0`;

/**
 * The one rule of isolation: the condition that keeps a query within a caller's scope. Every read and write of
 * tenant data goes through it: `query.where(scoped(scope, columns))`.
 */
export function scoped(scope: Scope, columns: OwnerColumns): Expression<SqlBool> {
  switch (scope.level) {
    case "platform":
      return sql<SqlBool>`1 = 1`;
    case "partner":
      return sql<SqlBool>`${sql.ref(columns.partner)} = ${scope.partnerId}`;
    case "tenant":
      if (columns.tenant === undefined) return NONE;
      return sql<SqlBool>`${sql.ref(columns.tenant)} = ${scope.tenantId}`;
    case "user":
      if (columns.tenant === undefined || columns.user === undefined) return NONE;
      return sql<SqlBool>`(${sql.ref(columns.tenant)} = ${scope.tenantId} and ${sql.ref(columns.user)} = ${scope.userId})`;
  }
}

/**
 * The condition that keeps rows with a `tenant_id`, and nothing else of their owners, within a caller's scope. Never a
 * list of all tenants or users in reach: to make it took 15 ms of every change where there are 10 000 tenants.
 */
export function withinTenants(scope: Scope): Expression<SqlBool> {
  const columns = { partner: "tenants.partner_id", tenant: "tenant_id" };
  if (scope.level !== "partner") return scoped(scope, columns);
  return sql<SqlBool>`exists (select 1 from tenants where tenants.id = tenant_id and ${scoped(scope, columns)})`;
}

/** The same for rows of `users` themselves. */
export function userWithin(scope: Scope): Expression<SqlBool> {
  return sql<SqlBool>`exists (select 1 from tenants where tenants.id = users.tenant_id and ${scoped(scope, JOINED_COLUMNS)})`;
}

/** The same for rows that belong to a user: `owner` is the column that says to which. */
export function ofUserWithin(scope: Scope, owner: "api_keys.user_id"): Expression<SqlBool> {
  return sql<SqlBool>`exists (select 1 from users where users.id = ${sql.ref(owner)} and ${userWithin(scope)})`;
}
