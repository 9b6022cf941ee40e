import type { Comparison, DriftKind } from "../../core/drift.ts";
import type { Reader } from "../store.ts";
import { build, type Write } from "../write.ts";

/** Differences that stand. */
export async function openDrifts(read: Reader): Promise<Comparison[]> {
  return await read
    .selectFrom("drifts")
    .select(["kind", "subject", "expected", "found"])
    .limit(10_000)
    .execute();
}

/** When the first request was settled that is kept, by its admission; undefined without any. Epoch milliseconds. */
export async function firstUsage(read: Reader): Promise<number | undefined> {
  const row = await read
    .selectFrom("usage")
    .select("created_at")
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
  return row && Number(row.created_at);
}

/** Keeps a difference. */
export function keepDrift({ kind, subject, expected, found }: Comparison, at: number): Write {
  const values = { kind, subject, expected, found, since: BigInt(at) };
  const statement = build
    .insertInto("drifts")
    .values(values)
    .onConflict((conflict) =>
      conflict.columns(["kind", "subject"]).doUpdateSet({ expected, found, since: BigInt(at) }),
    );
  return { statement, about: "ledger" };
}

/** Takes back what does not differ any more. */
export function forgetDrift(kind: DriftKind, subject: string): Write {
  const statement = build.deleteFrom("drifts").where("kind", "=", kind).where("subject", "=", subject);
  return { statement, about: "ledger" };
}
