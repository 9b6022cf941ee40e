import { type CompiledQuery, type RootOperationNode, SqliteQueryCompiler, createQueryId } from "kysely";
import { capture, type Captured, checkEffects, type Conclude, effectsOf } from "../recording/capture.ts";
import type { RowEffect } from "../recording/recorded.ts";
import { checkRows, commitError, type Write } from "../write.ts";
import type { SqliteRow, SqliteValue } from "./connection.ts";
import { foldSqliteError } from "./fold-error.ts";
import type { SqliteWriter } from "./writer.ts";

interface Prepared {
  readonly write: Write;
  readonly compiled: CompiledQuery;
  readonly capture?: { readonly captured: Captured; readonly former: CompiledQuery | undefined };
}

/** Runs all of the statements or none, in one turn of the event loop. Throws what `Store.commit` rejects with. */
export function commitOnSqlite(writer: SqliteWriter, writes: readonly Write[], conclude?: Conclude): void {
  const prepared = writes.map((write) => prepare(write, conclude !== undefined));
  writer.transact(() => {
    const effects = prepared.flatMap((each) => run(writer, each));
    checkEffects(effects);
    for (const write of conclude?.(effects) ?? []) run(writer, prepare(write, false));
  });
}

function prepare(write: Write, capturing: boolean): Prepared {
  // One writer: what it has read stays as it is until it commits.
  const captured = capturing ? capture(write, false) : undefined;
  if (!captured) return { write, compiled: compile(write.statement.toOperationNode()) };
  const former = captured.former && compile(captured.former);
  return { write, compiled: compile(captured.statement), capture: { captured, former } };
}

function compile(node: RootOperationNode): CompiledQuery {
  return new SqliteQueryCompiler().compileQuery(node, createQueryId());
}

function run(writer: SqliteWriter, { write, compiled, capture: capturing }: Prepared): RowEffect[] {
  try {
    if (!capturing) {
      checkRows(write, writer.statement(compiled.sql).run(parametersOf(compiled)));
      return [];
    }
    const former = capturing.former ? all(writer, capturing.former) : [];
    const rows = all(writer, compiled);
    checkRows(write, BigInt(rows.length));
    return effectsOf(capturing.captured, former, rows);
  } catch (error) {
    throw commitError(error, foldSqliteError(error), write, compiled);
  }
}

function all(writer: SqliteWriter, compiled: CompiledQuery): readonly SqliteRow[] {
  return writer.statement(compiled.sql).all(parametersOf(compiled));
}

function parametersOf(compiled: CompiledQuery): readonly SqliteValue[] {
  return compiled.parameters as readonly SqliteValue[];
}
