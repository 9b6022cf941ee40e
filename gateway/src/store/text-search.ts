import { type Expression, sql, type SqlBool } from "kysely";

/** Whether one of the columns contains the text, in whatever case (ASCII on SQLite). */
export function contains(columns: readonly string[], text: string): Expression<SqlBool> {
  const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, (special) => `\\${special}`)}%`;
  const hits = columns.map((column) => sql`lower(${sql.ref(column)}) like ${pattern} escape '\\'`);
  return sql<SqlBool>`(${sql.join(hits, sql` or `)})`;
}
