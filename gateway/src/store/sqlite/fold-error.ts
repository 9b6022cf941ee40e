import { type EngineFailure, errorField } from "../errors.ts";

/** Result codes that say nothing about the statement: the file cannot be used now. */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM|CORRUPT|NOTADB|PROTOCOL|PERM)/;

/** "UNIQUE constraint failed: users.tenant_id, users.email" → "users.tenant_id,email". */
function constraintOf(message: string): string {
  const columns = message.slice(message.indexOf(":") + 1).split(",");
  return columns
    .map((column, position) => {
      const name = column.trim();
      return position === 0 ? name : name.slice(name.indexOf(".") + 1);
    })
    .join(",");
}

/** What an error of SQLite means (https://sqlite.org/rescode.html). */
export function foldSqliteError(error: unknown): EngineFailure {
  const code = errorField(error, "code") ?? "";
  const message = errorField(error, "message") ?? "";
  if (code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY") {
    return { kind: "unique", constraint: constraintOf(message) };
  }
  if (code === "SQLITE_CONSTRAINT_FOREIGNKEY") return { kind: "foreign_key" };
  if (UNAVAILABLE.test(code)) return { kind: "unavailable", reason: `${code}: ${message}` };
  return { kind: "other" };
}
