import { sql } from "kysely";
import { lowestIdAt } from "../base/ids.ts";
import type { Reader } from "./store.ts";
import { build, type Write } from "./write.ts";

/** Whether there are traces of before an instant (epoch milliseconds). */
export async function hasTracesBefore(read: Reader, beforeMs: number): Promise<boolean> {
  const row = await read
    .selectFrom("requests")
    .select("request_id")
    .where("request_id", "<", lowestIdAt("req", beforeMs))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Number of the last settled request that was booked before an instant and is still there; undefined without any. */
export async function lastUsageBookedBefore(read: Reader, beforeMs: number): Promise<bigint | undefined> {
  const booked = await read
    .selectFrom("ledger_batches")
    .select((eb) => eb.fn.max("last_seq").as("last"))
    .where("booked_at", "<", BigInt(beforeMs))
    .executeTakeFirst();
  const last: bigint | null = booked?.last ?? null;
  if (last === null) return undefined;
  const row = await read
    .selectFrom("usage")
    .select("seq")
    .where("seq", "<=", last)
    .where("seq", "<", NEWEST)
    .limit(1)
    .executeTakeFirst();
  return row && last;
}

// The newest stays, whatever its age: numbers go on from it.
const NEWEST = sql<bigint>`(select max(seq) from usage)`;

/** Deletes the first settled requests up to that number, at most `limit`; their cells and movements stay. */
export function deleteUsageUpTo(last: bigint, limit: number): Write {
  const first = build
    .selectFrom("usage")
    .select("id")
    .where("seq", "<=", last)
    .where("seq", "<", NEWEST)
    .orderBy("seq")
    .limit(limit);
  return { statement: build.deleteFrom("usage").where("id", "in", first), about: "usage" };
}
