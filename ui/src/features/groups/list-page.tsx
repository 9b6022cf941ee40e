import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Group, Tenant } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { ROW_LINK } from "../../components/row-link.ts";
import { Time } from "../../components/time.tsx";
import { formatCount } from "../../lib/format.ts";
import { useTenants } from "../levels/queries.ts";
import { GroupDialog } from "./group-dialog.tsx";
import { groupsQuery } from "./queries.ts";

const route = getRouteApi("/shell/access/groups");

/** Access → Groups. */
export function GroupsPage(): ReactNode {
  const { api } = useApp();
  const { cursor } = route.useSearch();
  const navigate = useNavigate();
  const groups = useQuery(groupsQuery(api, cursor));
  const tenants = useTenants();
  const [isAdding, setIsAdding] = useState(false);
  const adding = (
    <Button variant="primary" onClick={() => setIsAdding(true)}>
      <Icon name="plus" />
      Add group
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Groups"
        lead="Users of one tenant together. A group gives its roles to all its members."
        actions={adding}
      />
      {groups.error && <FailureNotice error={groups.error} onRetry={() => void groups.refetch()} />}
      {groups.isPending && <Loading what="groups" />}
      {groups.data?.items.length === 0 && <NoGroups adding={adding} />}
      {groups.data !== undefined && groups.data.items.length > 0 && (
        <>
          <DataTable
            caption="Groups"
            columns={columns(tenants)}
            rows={groups.data.items}
            keyOf={({ id }) => id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={groups.data.nextCursor}
            onGo={(next) => void navigate({ to: "/access/groups", search: { cursor: next } })}
          />
        </>
      )}
      {isAdding && (
        <GroupDialog
          onDone={({ id }) => void navigate({ to: "/access/groups/$groupId", params: { groupId: id } })}
          onClose={() => setIsAdding(false)}
        />
      )}
    </>
  );
}

function NoGroups({ adding }: { adding: ReactNode }): ReactNode {
  return (
    <EmptyState
      title="No groups yet"
      why="With a group, several users get their roles, and what models they may use, in one place."
      action={adding}
    />
  );
}

function columns(tenants: readonly Tenant[]): readonly Column<Group>[] {
  const tenantOf = ({ tenant_id: tenantId }: Group): string =>
    tenants.find(({ id }) => id === tenantId)?.display_name ?? tenantId;
  return [
    {
      header: "Name",
      isHeader: true,
      cell: ({ id, name, description }) => (
        <div className="min-w-28">
          <Link
            to="/access/groups/$groupId"
            params={{ groupId: id }}
            className={`block max-w-64 break-words ${ROW_LINK}`}
          >
            {name}
          </Link>
          <span className="block max-w-80 text-xs break-words text-muted">{description}</span>
        </div>
      ),
    },
    { header: "Members", align: "right", cell: ({ member_count: count }) => formatCount(count) },
    ...(tenants.length > 1
      ? [{ header: "Tenant", hiddenBelow: "md", cell: tenantOf } satisfies Column<Group>]
      : []),
    { header: "Added", hiddenBelow: "md", cell: (group) => <Time iso={group.created_at} as="date" /> },
  ];
}
