/** How an export writes rows: what comes first, each row, what stands between two, what comes last. */
export interface ExportFormat<Row> {
  readonly contentType: string;
  readonly extension: string;
  readonly head: string;
  row(row: Row): string;
  readonly between: string;
  tail(requestId: string): string;
}

export const EXPORT_FORMATS = ["csv", "json", "ndjson"] as const;
export type ExportFormatName = (typeof EXPORT_FORMATS)[number];

/** What spreadsheets take for a formula, or skip on the way to one (OWASP, "CSV Injection"). */
const FORMULA = /^\s*[=+\-@\t\r\n]/;
/** An amount, which no spreadsheet runs. */
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** One cell (RFC 4180), always quoted; text that a spreadsheet would run is made text by an apostrophe. */
export function csvCell(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const tamed = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return `"${tamed.replaceAll('"', '""')}"`;
}

/** The formats of rows with these columns. */
export function exportFormats<Row extends object>(
  columns: readonly (keyof Row & string)[],
): Readonly<Record<ExportFormatName, ExportFormat<Row>>> {
  return {
    csv: {
      contentType: "text/csv; charset=utf-8; header=present",
      extension: "csv",
      head: `${columns.join(",")}\r\n`,
      row: (row) => `${columns.map((column) => csvCell(row[column])).join(",")}\r\n`,
      between: "",
      tail: () => "",
    },
    json: {
      contentType: "application/json; charset=utf-8",
      extension: "json",
      head: '{"status":"ok","data":{"items":[',
      row: (row) => JSON.stringify(row),
      between: ",",
      tail: (requestId) => `]},"meta":${JSON.stringify({ request_id: requestId })}}`,
    },
    ndjson: {
      contentType: "application/x-ndjson",
      extension: "ndjson",
      head: "",
      row: (row) => `${JSON.stringify(row)}\n`,
      between: "",
      tail: () => "",
    },
  };
}

/** Rows read at once: what an export of any size holds in memory. */
export const EXPORT_PAGE = 500;

export interface ExportOptions<Stored, Row> {
  /** The first page, read before the answer begins: a store that cannot be read is a refusal. */
  readonly first: readonly Stored[];
  /** The page behind a row; one that is shorter than EXPORT_PAGE is the last. */
  readonly after: (last: Stored) => Promise<readonly Stored[]>;
  readonly view: (stored: Stored) => Row;
  readonly format: ExportFormat<Row>;
  readonly requestId: string;
}

/** The file, read from the store page by page as fast as it is taken; a page that cannot be read breaks it off. */
export function exportStream<Stored, Row>(options: ExportOptions<Stored, Row>): ReadableStream<Uint8Array> {
  const { after, view, format, requestId } = options;
  const encoder = new TextEncoder();
  let page = options.first;
  let begun = false;
  return new ReadableStream({
    async pull(controller) {
      const rows = page.map((stored) => format.row(view(stored)));
      const isLast = page.length < EXPORT_PAGE;
      const before = begun ? (rows.length > 0 ? format.between : "") : format.head;
      const text = before + rows.join(format.between) + (isLast ? format.tail(requestId) : "");
      controller.enqueue(encoder.encode(text));
      begun = true;
      const last = page.at(-1);
      if (isLast || last === undefined) controller.close();
      else page = await after(last);
    },
  });
}
