import {
  type CompiledQuery,
  createQueryId,
  type Kysely,
  PostgresQueryCompiler,
  type RootOperationNode,
  sql,
} from "kysely";
import { StoreUnavailable, WriteConflict } from "../errors.ts";
import { capture, checkEffects, type Conclude, effectsOf } from "../recording/capture.ts";
import type { RowEffect, StoredRow } from "../recording/recorded.ts";
import type { Schema } from "../schema.ts";
import { checkRows, commitError, type Write } from "../write.ts";
import { foldPostgresError } from "./fold-error.ts";

/** The channel on which a commit that changes the control plane is announced to every node. */
export const CHANGES_CHANNEL = "scaigrid_changes";

/** Runs all of the statements or none. Rejects as `Store.commit` does. */
export async function commitOnPostgres(
  db: Kysely<Schema>,
  writes: readonly Write[],
  conclude?: Conclude,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (writes.some((write) => write.logsChange)) {
      // Numbers are given out at the insert and seen at the commit: without the lock a reader of the log could
      // pass a number that is not there yet, and miss it for good.
      await sql`lock table changes in share row exclusive mode`.execute(tx);
      // Sent by the server with the commit.
      await sql`select pg_notify(${CHANGES_CHANNEL}, '')`.execute(tx);
    }
    const effects: RowEffect[] = [];
    for (const write of writes) effects.push(...(await run(tx, write, conclude !== undefined)));
    checkEffects(effects);
    for (const write of conclude?.(effects) ?? []) await run(tx, write, false);
  });
}

async function run(tx: Kysely<Schema>, write: Write, capturing: boolean): Promise<RowEffect[]> {
  const captured = capturing ? capture(write, true) : undefined;
  const compiled = compile(captured?.statement ?? write.statement.toOperationNode());
  try {
    const former = captured?.former ? (await tx.executeQuery<StoredRow>(compile(captured.former))).rows : [];
    const { rows, numAffectedRows } = await tx.executeQuery<StoredRow>(compiled);
    checkRows(write, numAffectedRows ?? 0n);
    return captured ? effectsOf(captured, former, rows) : [];
  } catch (error) {
    if (error instanceof WriteConflict || error instanceof StoreUnavailable) throw error;
    throw commitError(error, foldPostgresError(error), write, compiled);
  }
}

function compile(node: RootOperationNode): CompiledQuery {
  return new PostgresQueryCompiler().compileQuery(node, createQueryId());
}
