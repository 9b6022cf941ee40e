import { createQueryId, type Kysely, PostgresQueryCompiler, sql } from "kysely";
import { StoreUnavailable, WriteConflict } from "../errors.ts";
import type { Schema } from "../schema.ts";
import { checkRows, commitError, type Write } from "../write.ts";
import { foldPostgresError } from "./fold-error.ts";

/** The channel on which a commit that changes the control plane is announced to every node. */
export const CHANGES_CHANNEL = "scaigrid_changes";

/** Runs all of the statements or none. Rejects with what `Store.commit` rejects with. */
export async function commitOnPostgres(db: Kysely<Schema>, writes: readonly Write[]): Promise<void> {
  const compiler = new PostgresQueryCompiler();
  const prepared = writes.map((write) => ({
    write,
    compiled: compiler.compileQuery(write.statement.toOperationNode(), createQueryId()),
  }));
  await db.transaction().execute(async (tx) => {
    if (writes.some((write) => write.logsChange)) {
      // Numbers are given out at the insert and seen at the commit: without the lock a reader of the log could
      // pass a number that is not there yet, and miss it for good.
      await sql`lock table changes in share row exclusive mode`.execute(tx);
      // Sent by the server with the commit.
      await sql`select pg_notify(${CHANGES_CHANNEL}, '')`.execute(tx);
    }
    for (const { write, compiled } of prepared) {
      try {
        const { numAffectedRows } = await tx.executeQuery(compiled);
        checkRows(write, numAffectedRows ?? 0n);
      } catch (error) {
        if (error instanceof WriteConflict || error instanceof StoreUnavailable) throw error;
        throw commitError(error, foldPostgresError(error), write, compiled);
      }
    }
  });
}
