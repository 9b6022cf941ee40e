import type { ReactNode } from "react";
import type { Adjustment, Statement } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Facts } from "../../components/facts.tsx";
import { EmptyState, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { monthWords } from "../../lib/months.ts";
import { SubjectName } from "../subjects/names.tsx";

type Totals = Statement["totals"];
/** Of no tenant and no model: the one that sums up the others. */
type Line = Omit<Totals, "adjustments" | "due" | "partner_adjustments" | "partner_due"> & {
  readonly tenant_id?: string | undefined;
  readonly model?: string | undefined;
  readonly for_month?: string | undefined;
};

/** A statement as it is read and printed: what is owed, the lines it comes from, and the corrections. */
export function StatementView({ statement }: { statement: Statement }): ReactNode {
  const { lines, totals, adjustments, month } = statement;
  const rows: readonly Line[] = lines;
  const sum: Line = totals;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <Summary statement={statement} />
      {lines.length === 0 ? (
        <EmptyState
          title="Nothing was used in this month"
          why="A statement lists what was settled, by tenant and model."
        />
      ) : (
        <DataTable
          caption="Lines of the statement"
          columns={columnsOf(totals, hasLate(lines))}
          rows={rows}
          keyOf={({ tenant_id: tenant, model, for_month: late }) => `${tenant} ${model} ${late}`}
          footer={sum}
        />
      )}
      {adjustments.length > 0 && (
        <section className="grid grid-cols-[minmax(0,1fr)] gap-3">
          <h2 className="text-lg font-semibold">Adjustments</h2>
          <DataTable
            caption="Adjustments in the statement"
            columns={adjustmentColumns(month)}
            rows={adjustments}
            keyOf={({ id }) => id}
          />
        </section>
      )}
    </div>
  );
}

function Summary({ statement }: { statement: Statement }): ReactNode {
  const { totals, starts_at: from, ends_at: to, currency, time_zone: zone } = statement;
  const money = (amount: string | undefined): string | undefined =>
    amount === undefined ? undefined : formatMoney(amount);
  return (
    <Section title="Summary" actions={<MonthState statement={statement} />}>
      <Facts
        facts={[
          ["From", <Time key="from" iso={from} />],
          ["To", <Time key="to" iso={to} />],
          ["The month is that of", zone],
          ["Currency", currency],
          ["Cost", <strong key="cost">{formatMoney(totals.cost)}</strong>],
          ["Adjustments", formatMoney(totals.adjustments)],
          ["Owed by tenants", <strong key="due">{formatMoney(totals.due)}</strong>],
          ["Cost to partners", money(totals.partner_cost)],
          ["Adjustments of partners", money(totals.partner_adjustments)],
          ["Owed by partners", money(totals.partner_due)],
          ["Our own cost", money(totals.backend_cost)],
          ["Margin", totals.margin && <strong key="margin">{formatMoney(totals.margin)}</strong>],
        ]}
      />
    </Section>
  );
}

/** A month that has ended is open for a while: what was in flight still comes in. */
function MonthState({ statement }: { statement: Statement }): ReactNode {
  const { is_over: isOver, is_closed: isClosed } = statement;
  if (isClosed) return <Badge tone="good">Closed</Badge>;
  return <Badge tone="warn">{isOver ? "Ended, still open" : "Still running"}</Badge>;
}

function hasLate(lines: Statement["lines"]): boolean {
  return lines.some(({ for_month: late }) => late !== undefined);
}

function columnsOf(totals: Totals, withLate: boolean): readonly Column<Line>[] {
  const money = (header: string, of: (line: Line) => string | undefined): Column<Line> => ({
    header,
    align: "right",
    cell: (line) => formatMoney(of(line) ?? "0"),
  });
  const late: Column<Line> = {
    header: "Of",
    cell: ({ for_month: month }) => month !== undefined && `${monthWords(month)}, come late`,
  };
  return [
    {
      header: "Tenant",
      isHeader: true,
      cell: ({ tenant_id: id }) => (id === undefined ? "Total" : <SubjectName kind="tenant" id={id} />),
    },
    {
      header: "Model",
      cell: ({ model }) => <span className="block max-w-64 min-w-24 break-words">{model}</span>,
    },
    ...(withLate ? [late] : []),
    { header: "Requests", align: "right", cell: (line) => formatCount(line.request_count) },
    { header: "Input tokens", align: "right", cell: (line) => formatCount(line.input_tokens) },
    { header: "Output tokens", align: "right", cell: (line) => formatCount(line.output_tokens) },
    money("Cost", (line) => line.cost),
    ...(totals.partner_cost === undefined ? [] : [money("Cost to partners", (line) => line.partner_cost)]),
    ...(totals.margin === undefined
      ? []
      : [money("Our own cost", (line) => line.backend_cost), money("Margin", (line) => line.margin)]),
  ];
}

function adjustmentColumns(month: string): readonly Column<Adjustment>[] {
  return [
    {
      header: "Whose bill",
      isHeader: true,
      cell: ({ tenant_id: tenant, partner_id: partner }) =>
        tenant === undefined ? (
          <>
            the partner <SubjectName kind="partner" id={partner} />
          </>
        ) : (
          <SubjectName kind="tenant" id={tenant} />
        ),
    },
    {
      header: "Reason",
      cell: ({ reason }) => <span className="block max-w-96 min-w-32 break-words">{reason}</span>,
    },
    {
      header: "About",
      cell: ({ for_month: about }) => (about === month ? "this month" : monthWords(about)),
    },
    { header: "Made", hiddenBelow: "md", cell: ({ created_at: at }) => <Time iso={at} as="moment" /> },
    { header: "Amount", align: "right", cell: ({ amount }) => formatMoney(amount) },
  ];
}
