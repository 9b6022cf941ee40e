import type { ReactNode } from "react";

/** Below this width of the window a column is left out; its row's own page has it. */
const HIDDEN_BELOW = {
  sm: "hidden sm:table-cell",
  md: "hidden md:table-cell",
  lg: "hidden lg:table-cell",
  xl: "hidden xl:table-cell",
  "2xl": "hidden 2xl:table-cell",
} as const;

export interface Column<Row> {
  readonly header: string;
  /** Shown in place of the header: a name that has to be looked up. */
  readonly label?: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  readonly hiddenBelow?: keyof typeof HIDDEN_BELOW;
  readonly align?: "right";
  /** The column that names the row. */
  readonly isHeader?: boolean;
}

interface DataTableProps<Row> {
  /** What the table holds, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** A last row that sums up the others. */
  readonly footer?: Row;
  /** Inside a frame of something else: draws none of its own. */
  readonly isInset?: boolean;
}

/** Rows of facts; wider than the window, it scrolls by itself. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
  footer,
  isInset = false,
}: DataTableProps<Row>): ReactNode {
  return (
    <div
      role="region"
      aria-label={caption}
      // The keyboard scrolls it.
      tabIndex={0}
      className={`overflow-x-auto ${isInset ? "-mx-4 rounded-lg" : "rounded-xl border border-line bg-surface"}`}
    >
      <table className="w-full border-collapse text-left text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th
                key={column.header}
                scope="col"
                className={`px-3 py-2.5 text-xs first:pl-4 last:pr-4 font-medium whitespace-nowrap text-muted ${placed(column)}`}
              >
                {column.label ?? column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="relative border-b border-line last:border-b-0 hover:bg-raised/60">
              {columns.map((column) => (
                <Cell key={column.header} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
        {footer !== undefined && <Footer columns={columns} row={footer} />}
      </table>
    </div>
  );
}

function Footer<Row>({ columns, row }: { columns: readonly Column<Row>[]; row: Row }): ReactNode {
  return (
    <tfoot className="border-t-2 border-line font-medium">
      <tr>
        {columns.map((column) => (
          <Cell key={column.header} column={column} row={row} />
        ))}
      </tr>
    </tfoot>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }): ReactNode {
  const className = `px-3 py-2.5 align-middle first:pl-4 last:pr-4 font-normal ${placed(column)}`;
  const content = column.cell(row);
  if (column.isHeader !== true) return <td className={className}>{content}</td>;
  return (
    <th scope="row" className={className}>
      {content}
    </th>
  );
}

function placed<Row>({ hiddenBelow, align }: Column<Row>): string {
  const hidden = hiddenBelow === undefined ? "" : HIDDEN_BELOW[hiddenBelow];
  return align === "right" ? `${hidden} text-right tabular-nums` : hidden;
}
