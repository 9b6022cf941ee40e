import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { apiKeysQuery } from "../../api/queries.ts";
import type { ApiKey } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount } from "../../lib/format.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { KeyLabel } from "./key-label.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { ScopePicker } from "./scope-picker.tsx";

const route = getRouteApi("/shell/access/api-keys");

function createLink(): ReactNode {
  return (
    <Link to="/access/api-keys/new" className={buttonClass("primary")}>
      <Icon name="plus" />
      Create API key
    </Link>
  );
}

/** Access → API Keys. */
export function ApiKeysPage(): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const { scope = "own", cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const [revoking, setRevoking] = useState<ApiKey>();
  const keys = useQuery(apiKeysQuery(api, scope, cursor));
  return (
    <>
      <PageHeader
        title="API keys"
        lead="Programs use them to call models. A key carries the permissions of its user."
        actions={createLink()}
      />
      {may(me, "users:manage") && (
        <ScopePicker
          scope={scope}
          onPick={(next) => void navigate({ search: next === "own" ? {} : { scope: next } })}
        />
      )}
      {keys.error && <FailureNotice error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.isPending && <Loading what="API keys" />}
      {keys.data?.items.length === 0 && (
        <EmptyState
          title="No API keys yet"
          why="A program needs a key of its own before it can call a model. Making one takes a few seconds."
          action={createLink()}
        />
      )}
      {keys.data !== undefined && keys.data.items.length > 0 && (
        <>
          <DataTable
            caption="API keys, newest first"
            columns={columns(setRevoking)}
            rows={keys.data.items}
            keyOf={(key) => key.id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={keys.data.nextCursor}
            onGo={(next) => void navigate({ search: (now) => ({ ...now, cursor: next }) })}
          />
        </>
      )}
      {revoking && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function columns(onRevoke: (key: ApiKey) => void): readonly Column<ApiKey>[] {
  return [
    {
      header: "Name",
      isHeader: true,
      cell: (key) => (
        <span className="block max-w-64 min-w-16 font-medium sm:min-w-24 break-words">{key.name}</span>
      ),
    },
    { header: "Key", cell: (key) => <KeyLabel apiKey={key} /> },
    { header: "Status", hiddenBelow: "sm", cell: (key) => <KeyStatus apiKey={key} /> },
    {
      header: "Requests, 24 h",
      hiddenBelow: "md",
      align: "right",
      cell: (key) => formatCount(key.requests_24h),
    },
    {
      header: "Last used",
      hiddenBelow: "md",
      cell: (key) =>
        key.last_used_at === undefined ? "Never" : <Time iso={key.last_used_at} as="relative" />,
    },
    { header: "Created", hiddenBelow: "lg", cell: (key) => <Time iso={key.created_at} as="date" /> },
    {
      header: "Expires",
      hiddenBelow: "lg",
      cell: (key) => (key.expires_at === undefined ? "Never" : <Time iso={key.expires_at} as="date" />),
    },
    {
      header: "Actions",
      align: "right",
      cell: (key) =>
        key.status === "active" && (
          <Button variant="quiet" onClick={() => onRevoke(key)} aria-label={`Revoke ${key.name}`}>
            Revoke
          </Button>
        ),
    },
  ];
}

function KeyStatus({ apiKey }: { apiKey: ApiKey }): ReactNode {
  if (apiKey.status === "revoked") return <Badge tone="plain">Revoked</Badge>;
  const isOver = apiKey.expires_at !== undefined && Date.parse(apiKey.expires_at) <= Date.now();
  return isOver ? <Badge tone="warn">Expired</Badge> : <Badge tone="good">Active</Badge>;
}
