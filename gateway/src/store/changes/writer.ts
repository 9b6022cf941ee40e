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

/** Drops entries up to and including `seq`: for retention, once every node has long passed them. */
export function trimChanges(seq: bigint): Write {
  return { statement: build.deleteFrom("changes").where("seq", "<=", seq), about: "change" };
}
