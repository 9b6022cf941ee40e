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
