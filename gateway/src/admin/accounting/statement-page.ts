import type { StatementView } from "./statement-view.ts";

const STYLE = `
:root { font: 14px/1.5 system-ui, sans-serif; color: #111; background: #fff; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
p { margin: 0 0 1.5rem; color: #444; }
table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
caption { text-align: left; font-weight: 600; padding: 0 0 .5rem; }
th, td { text-align: left; padding: .35rem .5rem; border-bottom: 1px solid #ccc; vertical-align: top; overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid #111; }
tfoot th, tfoot td { border-top: 2px solid #111; border-bottom: 0; font-weight: 600; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@page { size: A4; margin: 15mm; }
@media print { body { margin: 0; max-width: none; padding: 0; } thead { display: table-header-group; } tr { break-inside: avoid; } }
`;

/** Heading, content, and whether it is a number: those stand to the right. */
type Column<Row> = readonly [heading: string, of: (row: Row) => string | undefined, kind?: "number"];

type Line = StatementView["lines"][number];
type Adjustment = StatementView["adjustments"][number];

const LINES: readonly Column<Line>[] = [
  ["Tenant", ({ tenant_id }) => tenant_id],
  ["Model", ({ model }) => model],
  ["Of month", ({ for_month }) => for_month],
  ["Requests", ({ request_count }) => String(request_count), "number"],
  ["Tokens in", ({ input_tokens }) => String(input_tokens), "number"],
  ["Tokens out", ({ output_tokens }) => String(output_tokens), "number"],
  ["Price", ({ cost }) => cost, "number"],
  ["Partners pay", ({ partner_cost }) => partner_cost, "number"],
  ["Cost", ({ backend_cost }) => backend_cost, "number"],
  ["Margin", ({ margin }) => margin, "number"],
];
const ADJUSTMENTS: readonly Column<Adjustment>[] = [
  ["Date", ({ created_at }) => created_at.slice(0, 10)],
  ["Of", ({ tenant_id, partner_id }) => tenant_id ?? partner_id],
  ["Of month", ({ for_month }) => for_month],
  ["Reason", ({ reason }) => reason],
  ["Amount", ({ amount }) => amount, "number"],
];

/** A statement as one file that needs nothing else, to be read and printed. */
export function statementPage(statement: StatementView): string {
  const { month, time_zone, currency, totals, lines, adjustments, is_closed } = statement;
  const state = is_closed ? "" : " Not closed yet: more may be added.";
  const span = `${statement.starts_at} to ${statement.ends_at} (${time_zone}). All amounts in ${currency}.`;
  const total: readonly (readonly [string, string | undefined])[] = [
    ["Requests", String(totals.request_count)],
    ["Price", totals.cost],
    ["Adjustments", totals.adjustments],
    ["Due", totals.due],
    ["Partners pay", totals.partner_cost],
    ["Adjustments of partners", totals.partner_adjustments],
    ["Due of partners", totals.partner_due],
    ["Cost", totals.backend_cost],
    ["Margin", totals.margin],
  ];
  const rows = total.flatMap(([name, value]) =>
    value === undefined ? [] : [`<tr><th scope="row">${name}</th><td class="n">${text(value)}</td></tr>`],
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Statement ${text(month)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Statement ${text(month)}</h1>
<p>${text(span + state)}</p>
<table><caption>Total</caption><tbody>${rows.join("")}</tbody></table>
${table("Usage", LINES, lines)}
${table("Adjustments", ADJUSTMENTS, adjustments)}
</body>
</html>
`;
}

/** Without the columns that are empty in every row; nothing at all without rows. */
function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const shown = columns.filter(([, of]) => rows.some((row) => of(row) !== undefined));
  const right = (kind?: "number") => (kind === "number" ? ' class="n"' : "");
  const head = shown.map(([heading, , kind]) => `<th scope="col"${right(kind)}>${heading}</th>`).join("");
  const body = rows.map((row) => {
    const cells = shown.map(([, of, kind]) => `<td${right(kind)}>${text(of(row) ?? "")}</td>`);
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

const text = (plain: string): string => Bun.escapeHTML(plain);
