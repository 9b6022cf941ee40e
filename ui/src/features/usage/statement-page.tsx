import type { ReactNode } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Api } from "../../api/client.ts";
import type { Statement } from "../../api/types.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Facts } from "../../components/facts.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { lastMonths, monthWords } from "../../lib/months.ts";
import { useTenantChoices } from "../subjects/choices.ts";
import { SubjectName } from "../subjects/names.tsx";
import { Pick } from "./controls.tsx";

const route = getRouteApi("/shell/usage/statements");
const MONTHS_SHOWN = 24;

function statementPath(month: string): string {
  return `/v1/accounting/statements/${encodeURIComponent(month)}`;
}

function statementQuery(api: Api, month: string, tenantId: string | undefined) {
  return queryOptions({
    queryKey: ["statements", month, tenantId],
    queryFn: ({ signal }) =>
      api.data<Statement>("GET", statementPath(month), { query: { tenant_id: tenantId }, signal }),
  });
}

/** What a month has come to, by tenant and model: to read, to print, and as a file. */
export function StatementPage(): ReactNode {
  const { api } = useApp();
  const navigate = route.useNavigate();
  const months = lastMonths(new Date(), MONTHS_SHOWN);
  const { month = months[0] ?? "", tenant_id: tenantId } = route.useSearch();
  const statement = useQuery(statementQuery(api, month, tenantId));
  const tenants = useTenantChoices();
  return (
    <>
      <div className="print:hidden">
        <BackLink to="/usage">Usage</BackLink>
      </div>
      <PageHeader
        title={`Statement of ${monthWords(month)}`}
        actions={<Actions month={month} tenantId={tenantId} />}
      />
      <div className="mb-5 grid gap-3 sm:grid-cols-3 print:hidden">
        <Pick
          label="Month"
          value={month}
          options={months.map((each) => ({ value: each, words: monthWords(each) }))}
          onPick={(next) => void navigate({ search: (now) => ({ ...now, month: next }) })}
        />
        {tenants.length > 0 && (
          <Choice
            label="Tenant"
            value={tenantId}
            options={tenants}
            onPick={(next) => void navigate({ search: (now) => ({ ...now, tenant_id: next }) })}
          />
        )}
      </div>
      {statement.error && <FailureNotice error={statement.error} onRetry={() => void statement.refetch()} />}
      {statement.isPending && <Loading what="the statement" />}
      {statement.data && <StatementView statement={statement.data} />}
    </>
  );
}

function Actions({ month, tenantId }: { month: string; tenantId: string | undefined }): ReactNode {
  const params = new URLSearchParams({
    format: "csv",
    ...(tenantId !== undefined && { tenant_id: tenantId }),
  });
  return (
    <div className="flex flex-wrap gap-2 print:hidden">
      <Button onClick={() => window.print()}>
        <Icon name="print" />
        Print
      </Button>
      <a href={`${statementPath(month)}?${params.toString()}`} download className={buttonClass("secondary")}>
        <Icon name="download" />
        Export CSV
      </a>
    </div>
  );
}

/** Of no tenant and no model: the one that sums up the others. */
type Line = Omit<Statement["totals"], "adjustments" | "due" | "partner_adjustments"> & {
  readonly tenant_id?: string | undefined;
  readonly model?: string | undefined;
};

function StatementView({ statement }: { statement: Statement }): ReactNode {
  const {
    lines,
    totals,
    starts_at: from,
    ends_at: to,
    is_over: isOver,
    currency,
    time_zone: zone,
  } = statement;
  const rows: readonly Line[] = lines;
  const sum: Line = totals;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <Section
        title="Summary"
        actions={isOver ? <Badge tone="good">Closed</Badge> : <Badge tone="warn">Still running</Badge>}
      >
        <Facts
          facts={[
            ["From", <Time key="from" iso={from} />],
            ["To", <Time key="to" iso={to} />],
            ["The month is that of", zone],
            ["Currency", currency],
            ["Cost", <strong key="cost">{formatMoney(totals.cost)}</strong>],
            ["Our own cost", totals.backend_cost && formatMoney(totals.backend_cost)],
            ["Margin", totals.margin && <strong key="margin">{formatMoney(totals.margin)}</strong>],
          ]}
        />
      </Section>
      {lines.length === 0 ? (
        <EmptyState
          title="Nothing was used in this month"
          why="A statement lists what was settled, by tenant and model."
        />
      ) : (
        <DataTable
          caption="Lines of the statement"
          columns={columnsOf(totals.margin !== undefined)}
          rows={rows}
          keyOf={({ tenant_id: tenant, model }) => `${tenant} ${model}`}
          footer={sum}
        />
      )}
    </div>
  );
}

function columnsOf(hasMargin: boolean): readonly Column<Line>[] {
  const money = (header: string, of: (line: Line) => string | undefined): Column<Line> => ({
    header,
    align: "right",
    cell: (line) => formatMoney(of(line) ?? "0"),
  });
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
    { header: "Requests", align: "right", cell: (line) => formatCount(line.request_count) },
    { header: "Input tokens", align: "right", cell: (line) => formatCount(line.input_tokens) },
    { header: "Output tokens", align: "right", cell: (line) => formatCount(line.output_tokens) },
    money("Cost", (line) => line.cost),
    ...(hasMargin
      ? [money("Our own cost", (line) => line.backend_cost), money("Margin", (line) => line.margin)]
      : []),
  ];
}
