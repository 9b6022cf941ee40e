import type { z } from "zod";
import type { auditView } from "./audit-view.ts";

type Entry = z.infer<typeof auditView>;

/** How an export writes entries: what comes first, each entry, what stands between two, what comes last. */
export interface ExportFormat {
  readonly contentType: string;
  readonly extension: string;
  readonly head: string;
  row(entry: Entry): string;
  readonly between: string;
  tail(requestId: string): string;
}

const COLUMNS = [
  "id",
  "timestamp",
  "action",
  "actor_id",
  "actor_email",
  "actor_type",
  "tenant_id",
  "partner_id",
  "resource_type",
  "resource_id",
  "ip_address",
  "user_agent",
  "status",
  "error_code",
  "request_id",
  "count",
  "changes",
  "sealed",
] as const satisfies readonly (keyof Entry)[];

/** What spreadsheets take for a formula, or skip on the way to one (OWASP, "CSV Injection"). */
const FORMULA = /^\s*[=+\-@\t\r\n]/;

/** One cell (RFC 4180), always quoted; text that a spreadsheet would run is made text by an apostrophe. */
export function csvCell(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const tamed = FORMULA.test(text) ? `'${text}` : text;
  return `"${tamed.replaceAll('"', '""')}"`;
}

export const EXPORT_FORMATS = {
  csv: {
    contentType: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    head: `${COLUMNS.join(",")}\r\n`,
    row: (entry) => `${COLUMNS.map((column) => csvCell(entry[column])).join(",")}\r\n`,
    between: "",
    tail: () => "",
  },
  json: {
    contentType: "application/json; charset=utf-8",
    extension: "json",
    head: '{"status":"ok","data":{"items":[',
    row: (entry) => JSON.stringify(entry),
    between: ",",
    tail: (requestId) => `]},"meta":${JSON.stringify({ request_id: requestId })}}`,
  },
  ndjson: {
    contentType: "application/x-ndjson",
    extension: "ndjson",
    head: "",
    row: (entry) => `${JSON.stringify(entry)}\n`,
    between: "",
    tail: () => "",
  },
} as const satisfies Record<string, ExportFormat>;
