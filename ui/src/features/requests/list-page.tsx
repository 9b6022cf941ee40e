import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { requestsQuery } from "../../api/queries.ts";
import type { RequestFilter } from "../../api/queries.ts";
import type { RequestSummary } from "../../api/types.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { SearchBox } from "../../components/search-box.tsx";
import { Time } from "../../components/time.tsx";
import { formatWholeMs } from "../../lib/format.ts";
import { useIsIdle } from "../../lib/idle.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { Filters } from "./filters.tsx";
import { OutcomeBadge } from "./outcome-badge.tsx";

const route = getRouteApi("/shell/requests");
const LIVE_POLL_MS = 3_000;
const IDLE_MS = 10 * 60_000;

/** Requests, newest first. */
export function RequestsPage(): ReactNode {
  const { api } = useApp();
  const { cursor, live = false, outcome, model, api_key_id } = route.useSearch();
  const filter = { outcome, model, api_key_id };
  const navigate = route.useNavigate();
  const isIdle = useIsIdle(IDLE_MS);
  const isPolling = live && cursor === undefined && !isIdle;
  const requests = useQuery({
    ...requestsQuery(api, filter, cursor),
    refetchInterval: isPolling ? LIVE_POLL_MS : false,
  });
  return (
    <>
      <PageHeader
        title="Requests"
        lead="Every call of a model, refused ones included. A row opens its trace."
        actions={
          <LiveSwitch
            isOn={live}
            isPolling={isPolling}
            onSwitch={() => void navigate({ search: { ...filter, live: live ? undefined : true } })}
          />
        }
      />
      <Search />
      <Filters
        filter={filter}
        onChange={(next) => void navigate({ search: { ...next, live: live || undefined } })}
      />
      {requests.error && <FailureNotice error={requests.error} onRetry={() => void requests.refetch()} />}
      {requests.isPending && <Loading what="requests" />}
      {requests.data?.items.length === 0 && <NoRequests filter={filter} />}
      {requests.data !== undefined && requests.data.items.length > 0 && (
        <>
          <DataTable
            caption="Requests, newest first"
            columns={COLUMNS}
            rows={requests.data.items}
            keyOf={(request) => request.request_id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={requests.data.nextCursor}
            onGo={(next) => void navigate({ search: (now) => ({ ...now, cursor: next }) })}
          />
        </>
      )}
    </>
  );
}

interface LiveSwitchProps {
  readonly isOn: boolean;
  readonly isPolling: boolean;
  readonly onSwitch: () => void;
}

function LiveSwitch({ isOn, isPolling, onSwitch }: LiveSwitchProps): ReactNode {
  return (
    <Button aria-pressed={isOn} className={isOn ? "border-accent text-accent" : ""} onClick={onSwitch}>
      <span aria-hidden="true" className={`size-2 rounded-full ${isPolling ? "bg-good" : "bg-edge"}`} />
      Live
    </Button>
  );
}

/** Any id: a key's narrows the list, every other one is looked up as a request. */
function Search(): ReactNode {
  const navigate = route.useNavigate();
  const find = (id: string): void => {
    if (id === "") return;
    if (id.startsWith("apikey_")) void navigate({ search: { api_key_id: id } });
    else void navigate({ to: "/requests/$requestId", params: { requestId: id } });
  };
  return (
    <div className="mb-4 max-w-2xl">
      <SearchBox label="Any id: request, trace, upstream, your own, API key" initial="" onSearch={find} />
    </div>
  );
}

function NoRequests({ filter }: { filter: RequestFilter }): ReactNode {
  const me = useMe();
  if (Object.values(filter).some((value) => value !== undefined)) {
    return (
      <EmptyState
        title="No request matches"
        why="None of the requests you may see has all of these properties."
        action={
          <Link to="/requests" className={buttonClass("secondary")}>
            Clear filters
          </Link>
        }
      />
    );
  }
  return (
    <EmptyState
      title="No requests yet"
      why="Nothing has called a model so far. With an API key it takes one line to try."
      action={
        may(me, "api_keys:manage") && (
          <Link to="/access/api-keys/new" className={buttonClass("primary")}>
            Create an API key
          </Link>
        )
      }
    />
  );
}

function Outcome({ request }: { request: RequestSummary }): ReactNode {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
      <OutcomeBadge outcome={request.outcome} />
      {request.error_code !== undefined && (
        <code className="font-mono text-xs text-muted">{request.error_code}</code>
      )}
    </span>
  );
}

const COLUMNS: readonly Column<RequestSummary>[] = [
  { header: "Time", cell: ({ started_at: iso }) => <Time iso={iso} as="moment" /> },
  {
    header: "Request",
    isHeader: true,
    cell: (request) => (
      <>
        {/* The link covers its row, so that the whole of it can be clicked. */}
        <Link
          to="/requests/$requestId"
          params={{ requestId: request.request_id }}
          className="block max-w-34 truncate font-mono text-xs text-accent after:absolute after:inset-0 hover:underline sm:max-w-none"
        >
          {request.request_id}
        </Link>
        <div className="mt-1 sm:hidden">
          <Outcome request={request} />
        </div>
      </>
    ),
  },
  {
    header: "Model",
    hiddenBelow: "md",
    cell: ({ model }) => <span className="block max-w-56 min-w-24 break-words">{model ?? "–"}</span>,
  },
  {
    header: "Outcome",
    // A phone has it beneath the id, where it need not be scrolled to.
    hiddenBelow: "sm",
    cell: (request) => <Outcome request={request} />,
  },
  { header: "Status", hiddenBelow: "xl", align: "right", cell: (request) => request.http_status },
  {
    header: "Duration",
    hiddenBelow: "sm",
    align: "right",
    cell: (request) => <span className="whitespace-nowrap">{formatWholeMs(request.duration_ms)}</span>,
  },
  {
    header: "Client",
    hiddenBelow: "2xl",
    cell: ({ user_agent: agent }) => (
      <span className="block max-w-40 truncate text-muted" title={agent}>
        {agent ?? "–"}
      </span>
    ),
  },
];
