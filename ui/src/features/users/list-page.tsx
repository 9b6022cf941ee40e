import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Tenant, User } from "../../api/types.ts";
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
import { useTenants } from "../levels/queries.ts";
import { AccessStatus, roleWords } from "./facts.tsx";
import { usersQuery } from "./queries.ts";
import type { UserFilter } from "./queries.ts";

const route = getRouteApi("/shell/access/users");

/** Access → Users. */
export function UsersPage(): ReactNode {
  const { api } = useApp();
  const { cursor, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const users = useQuery(usersQuery(api, filter, cursor));
  const tenants = useTenants();
  return (
    <>
      <PageHeader
        title="Users"
        lead="People sign in; services hold API keys. Both act within their tenant, as far as their roles go."
        actions={
          <Link to="/access/users/new" className={buttonClass("primary")}>
            <Icon name="plus" />
            Add user
          </Link>
        }
      />
      <Filters filter={filter} tenants={tenants} />
      {users.error && <FailureNotice error={users.error} onRetry={() => void users.refetch()} />}
      {users.isPending && <Loading what="users" />}
      {users.data?.items.length === 0 && (
        <EmptyState
          title="No user matches"
          why="None of the users you administer has all of these properties."
          action={<Button onClick={() => void navigate({ search: {} })}>Show all users</Button>}
        />
      )}
      {users.data !== undefined && users.data.items.length > 0 && (
        <>
          <DataTable
            caption="Users"
            columns={columns(tenants)}
            rows={users.data.items}
            keyOf={(user) => user.id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={users.data.nextCursor}
            onGo={(next) => void navigate({ search: (now) => ({ ...now, cursor: next }) })}
          />
        </>
      )}
    </>
  );
}

function Filters({ filter, tenants }: { filter: UserFilter; tenants: readonly Tenant[] }): ReactNode {
  const navigate = route.useNavigate();
  const narrow = (part: UserFilter): void => void navigate({ search: { ...filter, ...part } });
  return (
    <>
      <div className="mb-4 max-w-md">
        <SearchBox
          label="Part of a name or e-mail"
          initial={filter.q ?? ""}
          onSearch={(q) => narrow({ q: q === "" ? undefined : q })}
        />
      </div>
      <div
        role="group"
        aria-label="Filters"
        className="mb-4 grid items-end gap-3 sm:grid-cols-3 xl:grid-cols-4"
      >
        <Choice
          label="Kind"
          value={filter.kind}
          options={[
            { value: "human", words: "Person" },
            { value: "service", words: "Service" },
          ]}
          onPick={(kind) => narrow({ kind })}
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
        {tenants.length > 1 && (
          <Choice
            label="Tenant"
            value={filter.tenant_id}
            options={tenants.map(({ id, display_name: words }) => ({ value: id, words }))}
            onPick={(tenantId) => narrow({ tenant_id: tenantId })}
          />
        )}
      </div>
    </>
  );
}

function columns(tenants: readonly Tenant[]): readonly Column<User>[] {
  const tenantOf = (user: User): string =>
    tenants.find(({ id }) => id === user.tenant_id)?.display_name ?? user.tenant_id;
  return [
    {
      header: "Name",
      isHeader: true,
      cell: (user) => (
        <div className="min-w-28">
          <Link
            to="/access/users/$userId"
            params={{ userId: user.id }}
            className={`block max-w-64 break-words ${ROW_LINK}`}
          >
            {user.display_name}
          </Link>
          {user.email !== undefined && (
            <span className="block max-w-64 text-xs break-all text-muted">{user.email}</span>
          )}
        </div>
      ),
    },
    {
      header: "Kind",
      hiddenBelow: "md",
      cell: ({ kind }) => (kind === "human" ? "Person" : "Service"),
    },
    { header: "Roles", hiddenBelow: "sm", cell: roleWords },
    ...(tenants.length > 1
      ? [{ header: "Tenant", hiddenBelow: "lg", cell: tenantOf } satisfies Column<User>]
      : []),
    { header: "Status", cell: ({ status }) => <AccessStatus status={status} /> },
    { header: "Added", hiddenBelow: "lg", cell: (user) => <Time iso={user.created_at} as="date" /> },
  ];
}
