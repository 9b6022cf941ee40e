import { sql } from "kysely";
import { build, type EntityKind, type Write } from "../write.ts";

/**
 * The row of the change log that tells every node to read this entity again. `atMs` is the wall clock. Writers
 * put it before their own statement: it takes the log's lock first, so all commits lock in the same order.
 */
export function changed(kind: EntityKind, entityId: string, atMs: number): Write {
  return {
    statement: build.insertInto("changes").values({ kind, entity_id: entityId, at: BigInt(atMs) }),
    about: kind,
    expectRows: 1,
    logsChange: true,
  };
}

/** The same for many of one kind, in one statement. */
export function allChanged(kind: EntityKind, entityIds: readonly string[], atMs: number): Write {
  const rows = entityIds.map((id) => ({ kind, entity_id: id, at: BigInt(atMs) }));
  return {
    statement: build.insertInto("changes").values(rows),
    about: kind,
    expectRows: rows.length,
    logsChange: true,
  };
}

/**
 * Refuses the commit if this object was changed after entry `seq` of the log. Its own entry tells nothing new; that it
 * is the first to be written makes it exact: the log's lock is held from here to the end. Conflicts: `stale`.
 */
export function unchangedSince(kind: string, entityId: string, seq: bigint, atMs: number): Write {
  const later = build
    .selectFrom("changes")
    .select("seq")
    .where("kind", "=", kind)
    .where("entity_id", "=", entityId)
    .where("seq", ">", seq);
  const entry = build
    .selectNoFrom([
      sql<string>`cast(${kind} as text)`.as("kind"),
      sql<string>`cast(${entityId} as text)`.as("entity_id"),
      sql<bigint>`cast(${BigInt(atMs)} as bigint)`.as("at"),
    ])
    .where((eb) => eb.not(eb.exists(later)));
  return {
    statement: build.insertInto("changes").columns(["kind", "entity_id", "at"]).expression(entry),
    about: "change",
    expectRows: 1,
    otherwise: "stale",
    logsChange: true,
  };
}

/** Drops entries by their numbers. */
export function dropChanges(seqs: readonly bigint[]): Write {
  return { statement: build.deleteFrom("changes").where("seq", "in", seqs), about: "change" };
}
