import { type Expression, sql, type SqlBool } from "kysely";

/**
 * Whether one of the columns contains the text, in whatever case (ASCII on SQLite). The store
 * lowers both sides, so that what is given letter by letter is found whatever letters it lowers.
 */
export function contains(columns: readonly string[], text: string): Expression<SqlBool> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, (special) => `\\${special}`)}%`;
  const hits = columns.map((column) => sql`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`);
  return sql<SqlBool>`(${sql.join(hits, sql` or `)})`;
}
