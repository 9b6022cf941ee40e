import { sql } from "kysely";
import { ENTITY_KINDS, type EntityKind } from "../write.ts";
import type { Reader } from "../store.ts";

/** One entry of the change log. */
export interface Change {
  readonly seq: bigint;
  readonly kind: EntityKind;
  readonly entityId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

function isKind(text: string): text is EntityKind {
  return (ENTITY_KINDS as readonly string[]).includes(text);
}

/**
 * At most `limit` entries after `seq`, in order. Kinds that a newer program writes and this one does not know are
 * left out; `lastSeq` passes them all the same.
 */
export async function changesSince(
  read: Reader,
  seq: bigint,
  limit: number,
): Promise<{ readonly changes: readonly Change[]; readonly lastSeq: bigint }> {
  const rows = await read
    .selectFrom("changes")
    .selectAll()
    .where("seq", ">", seq)
    .orderBy("seq")
    .limit(limit)
    .execute();
  const changes: Change[] = [];
  for (const row of rows) {
    if (isKind(row.kind)) {
      changes.push({ seq: row.seq, kind: row.kind, entityId: row.entity_id, at: Number(row.at) });
    }
  }
  return { changes, lastSeq: rows.at(-1)?.seq ?? seq };
}

/** The newest entry's number; 0 when there is none. Read it before loading everything, then follow from it. */
export async function lastChange(read: Reader): Promise<bigint> {
  const row = await read
    .selectFrom("changes")
    .select((eb) => eb.fn.max("seq").as("seq"))
    .executeTakeFirst();
  return row?.seq ?? 0n;
}

/** A stretch of the log, the newest entry exclusive. */
export interface Stretch {
  readonly after: bigint;
  readonly before: bigint;
  readonly limit: number;
  /** Epoch milliseconds: sessions need not be told of that were changed before. */
  readonly sessionsBefore: number;
}

/**
 * Numbers of the entries of a stretch that say nothing: those behind which there is another of the same object, and those
 * of old sessions. `last`: the last that was looked at; undefined when there was none.
 */
export async function needlessChanges(
  read: Reader,
  { after, before, limit, sessionsBefore }: Stretch,
): Promise<{ readonly needless: readonly bigint[]; readonly last: bigint | undefined }> {
  const later = sql<bigint>`exists (select 1 from changes as l
    where l.kind = c.kind and l.entity_id = c.entity_id and l.seq > c.seq)`;
  const old = sql`(c.kind = 'session' and c.at < ${BigInt(sessionsBefore)})`;
  const rows = await read
    .selectFrom("changes as c")
    .select("c.seq")
    .select(sql<bigint>`case when ${later} or ${old} then 1 else 0 end`.as("is_needless"))
    .where("c.seq", ">", after)
    .where("c.seq", "<", before)
    .orderBy("c.seq")
    .limit(limit)
    .execute();
  const needless = rows.filter((row) => Number(row.is_needless) === 1).map(({ seq }) => seq);
  return { needless, last: rows.at(-1)?.seq };
}
