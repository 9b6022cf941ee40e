import { sql } from "kysely";
import { BUCKET_MS, type Run, type RunSums } from "../../core/ledger.ts";
import type { Reader } from "../store.ts";
import { joinSum, SUM_SPLIT } from "../usage/record.ts";
import { SUMS, toSums } from "../usage/sums.ts";
import { LEDGER_BEGINS } from "./begins.ts";

const split = sql.lit(SUM_SPLIT);

/** Number of the last row of usage from before there was a ledger; 0 where there is none. */
export async function ledgerBegins(read: Reader): Promise<bigint> {
  const row = await read
    .selectFrom("settings")
    .select("value")
    .where("key", "=", LEDGER_BEGINS)
    .executeTakeFirst();
  return BigInt(row?.value ?? "0");
}

/** What the rows of a run come to, by everything that reports tell apart. Rejects with TooManyRows. */
export async function runSums(read: Reader, run: Pick<Run, "after" | "last">): Promise<RunSums[]> {
  const bucket = sql<bigint>`(created_at - created_at % ${sql.lit(BigInt(BUCKET_MS))})`;
  const groups = [
    "partner_id",
    "tenant_id",
    "user_id",
    "api_key_id",
    "model_slug",
    "backend_id",
    "status",
  ] as const;
  const rows = await read
    .selectFrom("usage")
    .select(groups)
    .select(SUMS)
    .select([
      bucket.as("bucket"),
      sql<bigint>`cast(sum(absorbed_pico / ${split}) as bigint)`.as("absorbed_high"),
      sql<bigint>`cast(sum(absorbed_pico % ${split}) as bigint)`.as("absorbed_low"),
    ])
    .where("seq", ">", run.after)
    .where("seq", "<=", run.last)
    .groupBy([...groups, bucket])
    .execute();
  return rows.map((row) => {
    const { requestCount, inputTokens, outputTokens, amounts } = toSums(row);
    return {
      bucket: Number(row.bucket),
      partnerId: row.partner_id,
      tenantId: row.tenant_id,
      userId: row.user_id,
      keyId: row.api_key_id,
      modelSlug: row.model_slug,
      backendId: row.backend_id,
      status: row.status,
      requests: requestCount,
      tokensIn: inputTokens,
      tokensOut: outputTokens,
      amounts,
      absorbed: joinSum(row.absorbed_high, row.absorbed_low),
    };
  });
}
