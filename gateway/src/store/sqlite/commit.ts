import { SqliteQueryCompiler, createQueryId } from "kysely";
import { checkRows, commitError, type Write } from "../write.ts";
import type { SqliteValue } from "./connection.ts";
import { foldSqliteError } from "./fold-error.ts";
import type { SqliteWriter } from "./writer.ts";

/** Runs all of the statements or none, in one turn of the event loop. Throws what `Store.commit` rejects with. */
export function commitOnSqlite(writer: SqliteWriter, writes: readonly Write[]): void {
  const compiler = new SqliteQueryCompiler();
  const prepared = writes.map((write) => ({
    write,
    compiled: compiler.compileQuery(write.statement.toOperationNode(), createQueryId()),
  }));
  writer.transact(() => {
    for (const { write, compiled } of prepared) {
      let changed: bigint;
      try {
        changed = writer.statement(compiled.sql).run(compiled.parameters as readonly SqliteValue[]);
      } catch (error) {
        throw commitError(error, foldSqliteError(error), write, compiled);
      }
      checkRows(write, changed);
    }
  });
}
