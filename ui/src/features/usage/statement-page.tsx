import { useState } from "react";
import type { ReactNode } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Api } from "../../api/client.ts";
import type { Statement } from "../../api/types.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, PageHeader } from "../../components/page.tsx";
import { lastMonths, monthWords } from "../../lib/months.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { useTenantChoices } from "../subjects/choices.ts";
import { AdjustDialog } from "./adjust-dialog.tsx";
import { Pick } from "./controls.tsx";
import { StatementView } from "./statement-view.tsx";

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
  const [isAdjusting, setIsAdjusting] = useState(false);
  const address = (format: "csv" | "html"): string => {
    const params = new URLSearchParams({ format, ...(tenantId !== undefined && { tenant_id: tenantId }) });
    return `${statementPath(month)}?${params.toString()}`;
  };
  return (
    <div className="flex flex-wrap gap-2 print:hidden">
      {may(useMe(), "accounting:adjust") && <Button onClick={() => setIsAdjusting(true)}>Adjust</Button>}
      <Button onClick={() => window.print()}>
        <Icon name="print" />
        Print
      </Button>
      <a href={address("html")} download className={buttonClass("secondary")}>
        <Icon name="download" />
        File to print
      </a>
      <a href={address("csv")} download className={buttonClass("secondary")}>
        <Icon name="download" />
        Export CSV
      </a>
      {isAdjusting && (
        <AdjustDialog month={month} tenantId={tenantId} onClose={() => setIsAdjusting(false)} />
      )}
    </div>
  );
}
