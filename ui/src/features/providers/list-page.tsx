import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Preset, Provider } from "../../api/types.ts";
import { buttonClass } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { ManagedBadge } from "../../components/managed.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { ROW_LINK } from "../../components/row-link.ts";
import { Time } from "../../components/time.tsx";
import { formatCount } from "../../lib/format.ts";
import { ConfigFileNotice } from "./config-file-notice.tsx";
import { KeyShown, ProviderStatus } from "./facts.tsx";
import { presetOf } from "./presets.ts";
import { presetsQuery, providersQuery } from "./queries.ts";

const route = getRouteApi("/shell/providers");

function addLink(): ReactNode {
  return (
    <Link to="/providers/new" className={buttonClass("primary")}>
      <Icon name="plus" />
      Add provider
    </Link>
  );
}

/** Providers. */
export function ProvidersPage(): ReactNode {
  const { api } = useApp();
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const providers = useQuery(providersQuery(api, cursor));
  const presets = useQuery(presetsQuery(api));
  return (
    <>
      <PageHeader
        title="Providers"
        lead="Accounts and servers that answer calls. Each model stands on one backend of a provider, or more."
        actions={addLink()}
      />
      <ConfigFileNotice />
      {providers.error && <FailureNotice error={providers.error} onRetry={() => void providers.refetch()} />}
      {providers.isPending && <Loading what="providers" />}
      {providers.data?.items.length === 0 && (
        <EmptyState
          title="No providers yet"
          why="Models come from a provider: paste a key, test it, and pick from the models it lists."
          action={addLink()}
        />
      )}
      {providers.data !== undefined && providers.data.items.length > 0 && (
        <>
          <DataTable
            caption="Providers"
            columns={columns(presets.data ?? [])}
            rows={providers.data.items}
            keyOf={(provider) => provider.id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={providers.data.nextCursor}
            onGo={(next) => void navigate({ search: { cursor: next } })}
          />
        </>
      )}
    </>
  );
}

function columns(presets: readonly Preset[]): readonly Column<Provider>[] {
  return [
    {
      header: "Name",
      isHeader: true,
      cell: (provider) => (
        <Link
          to="/providers/$providerId"
          params={{ providerId: provider.id }}
          className={`block max-w-64 min-w-24 break-words ${ROW_LINK}`}
        >
          {provider.name}
        </Link>
      ),
    },
    {
      header: "Kind",
      hiddenBelow: "md",
      cell: (provider) => presetOf(provider, presets)?.label ?? provider.type,
    },
    {
      header: "Address",
      hiddenBelow: "lg",
      cell: (provider) => (
        <code className="block max-w-72 truncate font-mono text-xs text-muted">
          {provider.base_url ?? presetOf(provider, presets)?.base_url ?? "–"}
        </code>
      ),
    },
    { header: "Key", hiddenBelow: "sm", cell: ({ connection }) => <KeyShown connection={connection} /> },
    { header: "Backends", align: "right", cell: (provider) => formatCount(provider.backend_count) },
    {
      header: "Status",
      cell: (provider) => (
        <span className="flex flex-wrap gap-1.5">
          <ProviderStatus status={provider.status} />
          <ManagedBadge by={provider.managed_by} />
        </span>
      ),
    },
    { header: "Added", hiddenBelow: "xl", cell: (provider) => <Time iso={provider.created_at} as="date" /> },
  ];
}
