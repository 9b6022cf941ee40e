import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { AuditEntry } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { ROW_LINK } from "../../components/row-link.ts";
import { Time } from "../../components/time.tsx";
import { EntryDialog } from "./entry-dialog.tsx";
import { Filters } from "./filters.tsx";
import { auditQuery, exportAddress } from "./queries.ts";

const route = getRouteApi("/shell/access/audit-log");

/** Access → Audit log. */
export function AuditLogPage(): ReactNode {
  const { api } = useApp();
  const { cursor, entry, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const entries = useQuery(auditQuery(api, filter, cursor));
  const opened = entries.data?.items.find(({ id }) => id === entry);
  const open = (id: string | undefined): void =>
    void navigate({ search: (now) => ({ ...now, entry: id }), resetScroll: false });
  return (
    <>
      <PageHeader
        title="Audit log"
        lead="Every change and every refusal, newest first. A row opens what was changed."
        actions={
          <a href={exportAddress(filter, "csv")} download className={buttonClass("secondary")}>
            <Icon name="download" />
            Export CSV
          </a>
        }
      />
      <Filters filter={filter} onChange={(next) => void navigate({ search: next })} />
      {entries.error && <FailureNotice error={entries.error} onRetry={() => void entries.refetch()} />}
      {entries.isPending && <Loading what="the audit log" />}
      {entries.data?.items.length === 0 && (
        <EmptyState
          title="No entry matches"
          why="Nothing that you may see has all of these properties."
          action={<Button onClick={() => void navigate({ search: {} })}>Clear filters</Button>}
        />
      )}
      {entries.data !== undefined && entries.data.items.length > 0 && (
        <>
          <DataTable
            caption="Audit log, newest first"
            columns={columns(open)}
            rows={entries.data.items}
            keyOf={({ id }) => id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={entries.data.nextCursor}
            onGo={(next) => void navigate({ search: { ...filter, cursor: next } })}
          />
        </>
      )}
      {opened && <EntryDialog entry={opened} onClose={() => open(undefined)} />}
    </>
  );
}

function columns(onOpen: (id: string) => void): readonly Column<AuditEntry>[] {
  return [
    { header: "Time", cell: ({ timestamp }) => <Time iso={timestamp} as="moment" /> },
    {
      header: "Action",
      isHeader: true,
      cell: ({ id, action, count }) => (
        <>
          <button
            type="button"
            onClick={() => onOpen(id)}
            className={`text-left font-mono text-xs break-all ${ROW_LINK}`}
          >
            {action}
          </button>
          {count > 1 && <span className="text-xs text-muted"> × {count}</span>}
        </>
      ),
    },
    {
      header: "By",
      hiddenBelow: "sm",
      cell: (entry) => <span className="block max-w-56 min-w-24 break-words">{actorWords(entry)}</span>,
    },
    {
      header: "On",
      hiddenBelow: "lg",
      cell: ({ resource_id: id, resource_type: type }) => (
        <code className="block max-w-64 truncate font-mono text-xs text-muted" title={id}>
          {id ?? type}
        </code>
      ),
    },
    { header: "Result", cell: (entry) => <Result entry={entry} /> },
    { header: "Address", hiddenBelow: "xl", cell: ({ ip_address: ip }) => ip ?? "–" },
  ];
}

/** Who did it, as far as it is known. */
function actorWords({ actor_email: email, actor_id: id, actor_type: type }: AuditEntry): string {
  return email ?? id ?? (type === "anonymous" ? "somebody who did not sign in" : type);
}

function Result({ entry }: { entry: AuditEntry }): ReactNode {
  if (entry.status === "SUCCESS") return <Badge tone="good">Done</Badge>;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
      <Badge tone="bad">Refused</Badge>
      {entry.error_code !== undefined && (
        <code className="hidden font-mono text-xs break-all text-muted md:inline">{entry.error_code}</code>
      )}
    </span>
  );
}
