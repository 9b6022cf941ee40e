import { sql } from "kysely";
import { loadSetting } from "../settings/reader.ts";
import type { Reader } from "../store.ts";
import { CHAIN_START, type ChainPoint, type Finding, type LinkedRow } from "./chain.ts";
import type { AuditLogTable } from "./tables.ts";

/** The setting that holds the last link which retention has deleted, `seq:hash`: the chain begins after it. */
export const ANCHOR_SETTING = "audit_anchor";

/** A point as people write it, `seq:hash`; undefined for anything else. */
export function parsePoint(text: string): ChainPoint | undefined {
  const [, seq, hash] = /^(\d{1,18}):([0-9a-f]{64})$/.exec(text) ?? [];
  return seq === undefined || hash === undefined ? undefined : { seq: BigInt(seq), hash };
}

/** The other way round. */
export function pointText({ seq, hash }: ChainPoint): string {
  return `${seq}:${hash}`;
}

/** Where the chain begins: at its start, or after what retention has deleted. */
export async function chainAnchor(read: Reader): Promise<ChainPoint> {
  return parsePoint((await loadSetting(read, ANCHOR_SETTING)) ?? "") ?? CHAIN_START;
}

/** The last link, or where there is none the anchor. */
export async function chainHead(read: Reader): Promise<ChainPoint> {
  const last = await read
    .selectFrom("audit_chain")
    .select(["seq", "hash"])
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  return last ?? chainAnchor(read);
}

/** Entries that are not sealed yet, oldest first. */
export function unsealedEntries(read: Reader, limit: number): Promise<AuditLogTable[]> {
  return read
    .selectFrom("audit_log")
    .selectAll()
    .where("sealed_seq", "is", null)
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** Links after a number with their entries, in order. */
export async function linkedRows(read: Reader, afterSeq: bigint, limit: number): Promise<LinkedRow[]> {
  const links = await read
    .selectFrom("audit_chain")
    .selectAll()
    .where("seq", ">", afterSeq)
    .orderBy("seq")
    .limit(limit)
    .execute();
  if (links.length === 0) return [];
  const ids = read
    .selectFrom("audit_chain")
    .select("audit_id")
    .where("seq", ">", afterSeq)
    .where("seq", "<=", links.at(-1)?.seq ?? afterSeq);
  const rows = await read.selectFrom("audit_log").selectAll().where("id", "in", ids).execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return links.map((link) => ({ link, row: byId.get(link.audit_id) }));
}

/** Entries that claim a place in the chain which is not theirs, at most `limit`. */
export async function foreignEntries(read: Reader, limit: number): Promise<Finding[]> {
  const rows = await read
    .selectFrom("audit_log")
    .leftJoin("audit_chain", (join) =>
      join
        .onRef("audit_chain.seq", "=", "audit_log.sealed_seq")
        .onRef("audit_chain.audit_id", "=", "audit_log.id"),
    )
    .select(["audit_log.id", "audit_log.sealed_seq"])
    .where("audit_log.sealed_seq", "is not", null)
    .where("audit_chain.seq", "is", null)
    .limit(limit)
    .execute();
  return rows.map((row) => ({ kind: "foreign", seq: row.sealed_seq ?? 0n, auditId: row.id }));
}

/** How many entries are not sealed yet. */
export async function countUnsealed(read: Reader): Promise<number> {
  const row = await read
    .selectFrom("audit_log")
    .select(sql<bigint>`cast(count(*) as bigint)`.as("count"))
    .where("sealed_seq", "is", null)
    .executeTakeFirst();
  return Number(row?.count ?? 0n);
}
