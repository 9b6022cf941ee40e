import { type Expression, sql, type SqlBool } from "kysely";
import type { SettlementStatus } from "../../core/accounting.ts";
import type { Scope } from "../../core/scope.ts";
import { OWN_COLUMNS, scoped } from "../scope.ts";

/** Which usage a report is about; every field narrows it further. */
export interface UsageFilter {
  /** Epoch milliseconds, inclusive. */
  readonly startMs?: number;
  /** Epoch milliseconds, exclusive. */
  readonly endMs?: number;
  readonly partnerId?: string;
  readonly tenantId?: string;
  readonly userId?: string;
  readonly apiKeyId?: string;
  /** Of any of these. */
  readonly apiKeyIds?: readonly string[];
  readonly modelSlug?: string;
  readonly backendId?: string;
  readonly status?: SettlementStatus;
  /** Booked with this batch of the ledger. */
  readonly batch?: bigint;
  /** All of these pairs. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A pair of the metadata object, found in its JSON text: `,"key":"value"` cannot occur inside a string of it,
 * where quotes are escaped. Case-sensitive on both engines, unlike `like`, and without their JSON functions.
 */
function hasMetadata(key: string, value: string): Expression<SqlBool> {
  const pair = `,${JSON.stringify(key)}:${JSON.stringify(value)}`;
  const text = sql`(',' || substr(metadata, 2))`;
  return sql<SqlBool>`replace(${text}, cast(${pair} as text), '') <> ${text}`;
}

/** By the numbers of the batch's rows, which are an index on either engine. */
function inBatch(batch: bigint): Expression<SqlBool> {
  const after = sql`(select after_seq from ledger_batches where last_seq = ${batch})`;
  return sql<SqlBool>`id in (select id from usage where seq > ${after} and seq <= ${batch})`;
}

/** The one condition of every report: the caller's scope and the filter. */
export function usageCondition(scope: Scope, filter: UsageFilter): Expression<SqlBool> {
  const columns = {
    partner_id: filter.partnerId,
    tenant_id: filter.tenantId,
    user_id: filter.userId,
    api_key_id: filter.apiKeyId,
    model_slug: filter.modelSlug,
    backend_id: filter.backendId,
    status: filter.status,
  };
  const all: Expression<SqlBool>[] = [scoped(scope, OWN_COLUMNS)];
  for (const [column, value] of Object.entries(columns)) {
    if (value !== undefined) all.push(sql<SqlBool>`${sql.ref(column)} = ${value}`);
  }
  if (filter.apiKeyIds !== undefined) {
    const ids = filter.apiKeyIds.map((id) => sql`${id}`);
    all.push(ids.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`api_key_id in (${sql.join(ids)})`);
  }
  if (filter.startMs !== undefined) all.push(sql<SqlBool>`created_at >= ${BigInt(filter.startMs)}`);
  if (filter.endMs !== undefined) all.push(sql<SqlBool>`created_at < ${BigInt(filter.endMs)}`);
  if (filter.batch !== undefined) all.push(inBatch(filter.batch));
  for (const [key, value] of Object.entries(filter.metadata ?? {})) all.push(hasMetadata(key, value));
  return sql<SqlBool>`(${sql.join(all, sql` and `)})`;
}
