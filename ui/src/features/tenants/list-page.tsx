import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Tenant } from "../../api/types.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { ROW_LINK } from "../../components/row-link.ts";
import { SearchBox } from "../../components/search-box.tsx";
import { Time } from "../../components/time.tsx";
import { AccessStatus } from "../users/facts.tsx";
import { tenantsQuery } from "./queries.ts";
import type { TenantFilter } from "./queries.ts";

const route = getRouteApi("/shell/access/tenants");

/** Access → Tenants. */
export function TenantsPage(): ReactNode {
  const { api } = useApp();
  const { cursor, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const tenants = useQuery(tenantsQuery(api, filter, cursor));
  return (
    <>
      <PageHeader
        title="Tenants"
        lead="A team or a customer, with users, keys, budgets and models of its own. None sees another."
        actions={
          <Link to="/access/tenants/new" className={buttonClass("primary")}>
            <Icon name="plus" />
            Add tenant
          </Link>
        }
      />
      <Filters filter={filter} />
      {tenants.error && <FailureNotice error={tenants.error} onRetry={() => void tenants.refetch()} />}
      {tenants.isPending && <Loading what="tenants" />}
      {tenants.data?.items.length === 0 && (
        <EmptyState
          title="No tenant matches"
          why="None of the tenants you administer has all of these properties."
          action={<Button onClick={() => void navigate({ search: {} })}>Show all tenants</Button>}
        />
      )}
      {tenants.data !== undefined && tenants.data.items.length > 0 && (
        <>
          <DataTable
            caption="Tenants"
            columns={COLUMNS}
            rows={tenants.data.items}
            keyOf={(tenant) => tenant.id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={tenants.data.nextCursor}
            onGo={(next) => void navigate({ search: (now) => ({ ...now, cursor: next }) })}
          />
        </>
      )}
    </>
  );
}

function Filters({ filter }: { filter: TenantFilter }): ReactNode {
  const navigate = route.useNavigate();
  const narrow = (part: TenantFilter): void => void navigate({ search: { ...filter, ...part } });
  return (
    <div className="mb-4 grid items-end gap-3 sm:grid-cols-[minmax(0,28rem)_minmax(0,12rem)]">
      <SearchBox
        label="Part of a name or slug"
        initial={filter.q ?? ""}
        onSearch={(q) => narrow({ q: q === "" ? undefined : q })}
      />
      <Choice
        label="Status"
        value={filter.status}
        options={[
          { value: "active", words: "Active" },
          { value: "suspended", words: "Suspended" },
        ]}
        onPick={(status) => narrow({ status })}
      />
    </div>
  );
}

const COLUMNS: readonly Column<Tenant>[] = [
  {
    header: "Name",
    isHeader: true,
    cell: (tenant) => (
      <Link
        to="/access/tenants/$tenantId"
        params={{ tenantId: tenant.id }}
        className={`block max-w-72 min-w-24 break-words ${ROW_LINK}`}
      >
        {tenant.display_name}
      </Link>
    ),
  },
  {
    header: "Slug",
    cell: ({ slug }) => <code className="font-mono text-xs break-all">{slug}</code>,
  },
  { header: "Time zone", hiddenBelow: "lg", cell: (tenant) => tenant.time_zone },
  { header: "Status", cell: ({ status }) => <AccessStatus status={status} /> },
  { header: "Added", hiddenBelow: "md", cell: (tenant) => <Time iso={tenant.created_at} as="date" /> },
];
