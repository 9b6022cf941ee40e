import { sql } from "kysely";
import type { Reader, Store } from "./store.ts";

/** How large the store is. */
export interface StoreSize {
  /** What is kept in it: what was deleted does not count, though files do not shrink by it. */
  readonly bytes: number;
  /** What one trace takes, on average of the newest. */
  readonly traceBytes: number;
}

/** Columns and indexes beside the detail of a trace. */
const TRACE_REST_BYTES = 600;
const TRACES_LOOKED_AT = 100;

/** Measures the store: some pages of it, however large it is. */
export async function storeSize(read: Reader, engine: Store["engine"]): Promise<StoreSize> {
  const newest = read
    .selectFrom("requests")
    .select(sql<bigint>`length(detail)`.as("chars"))
    .orderBy("request_id", "desc")
    .limit(TRACES_LOOKED_AT);
  const average = await read
    .selectFrom(newest.as("newest"))
    .select(sql<bigint>`cast(coalesce(avg(chars), 0) as bigint)`.as("chars"))
    .executeTakeFirst();
  const traceBytes = Number(average?.chars ?? 0n) + TRACE_REST_BYTES;
  const size = engine === "sqlite" ? PAGES_IN_USE : inUseOnPostgres(traceBytes);
  const row = await read.selectFrom(size.as("size")).select("bytes").executeTakeFirst();
  return { bytes: Number(row?.bytes ?? 0n), traceBytes };
}

const PAGES_IN_USE = sql<{ bytes: bigint }>`(
  select (p.page_count - f.freelist_count) * s.page_size as bytes
  from pragma_page_count() as p, pragma_freelist_count() as f, pragma_page_size() as s)`;

/** Tables keep what was deleted from them for what comes: of traces, which are deleted, those that are there count. */
function inUseOnPostgres(traceBytes: number) {
  return sql<{ bytes: bigint }>`(
    select pg_database_size(current_database()) - pg_total_relation_size(to_regclass('requests'))
      + coalesce((select n_live_tup from pg_stat_user_tables where relid = to_regclass('requests')), 0)
      * ${sql.lit(BigInt(traceBytes))} as bytes)`;
}
