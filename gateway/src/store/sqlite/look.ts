import { Database } from "bun:sqlite";
import { MIGRATIONS } from "../migrations/migrations.ts";
import type { StoreSeen } from "../postgres/look.ts";

/** Looks at a database file, which has to be there, and changes nothing in it. Throws the engine's own errors. */
export function lookAtSqlite(path: string): StoreSeen {
  const database = new Database(path, { readonly: true });
  try {
    const query = database.query<{ version: number | null }, []>(
      "select max(version) as version from schema_versions",
    );
    return { version: query.get()?.version ?? 0, versionHere: MIGRATIONS.length };
  } finally {
    database.close();
  }
}
