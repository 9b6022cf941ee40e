type RowValue = string | bigint | Uint8Array | null;

/**
 * A row as JSON text for `json_populate_recordset`: integers keep all their digits. What PostgreSQL cannot keep in a
 * text (NUL, half of a surrogate pair) becomes U+FFFD, as its drivers do with the latter.
 */
export function rowJson<Row extends { [Column in keyof Row]: RowValue }>(row: Row): string {
  let text = "";
  for (const [column, value] of Object.entries<RowValue>(row)) {
    text += `${text === "" ? "{" : ","}"${column}":${valueJson(value)}`;
  }
  return `${text}}`;
}

function valueJson(value: RowValue): string {
  if (value === null) return "null";
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "string") throw new Error("bytes have no form in JSON");
  return JSON.stringify(isKeepable(value) ? value : value.toWellFormed().replaceAll("\0", "\uFFFD"));
}

function isKeepable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** The columns of a row that `rowJson` wrote, in order. Throws SyntaxError when it is damaged. */
export function columnsOf(json: string): readonly string[] {
  const row: unknown = JSON.parse(json);
  if (typeof row !== "object" || row === null) throw new SyntaxError("not a row");
  return Object.keys(row);
}

/** `"a", "b"` for a statement. */
export function columnList(columns: readonly string[]): string {
  return columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(", ");
}
