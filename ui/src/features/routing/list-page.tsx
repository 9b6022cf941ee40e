import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Model, RoutingPolicy } from "../../api/types.ts";
import { buttonClass } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { ManagedBadge } from "../../components/managed.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { ROW_LINK } from "../../components/row-link.ts";
import { ConfigFileNotice } from "../providers/config-file-notice.tsx";
import { policiesQuery, useModels } from "./queries.ts";
import { strategyWords } from "./words.ts";

const route = getRouteApi("/shell/routing");

function addLink(): ReactNode {
  return (
    <Link to="/routing/new" className={buttonClass("primary")}>
      <Icon name="plus" />
      Add policy
    </Link>
  );
}

/** Routing: which backends serve each model. */
export function RoutingPage(): ReactNode {
  const { api } = useApp();
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const policies = useQuery(policiesQuery(api, cursor));
  const models = useModels();
  return (
    <>
      <PageHeader
        title="Routing"
        lead="For each model, which backends are asked, in which order, and what follows when one fails."
        actions={addLink()}
      />
      <ConfigFileNotice />
      {policies.error && <FailureNotice error={policies.error} onRetry={() => void policies.refetch()} />}
      {policies.isPending && <Loading what="routing policies" />}
      {policies.data?.items.length === 0 && (
        <EmptyState
          title="No routing policies yet"
          why="A model without a policy has no backend: nobody can call it."
          action={addLink()}
        />
      )}
      {policies.data !== undefined && policies.data.items.length > 0 && (
        <>
          <DataTable
            caption="Routing policies"
            columns={columns(models)}
            rows={policies.data.items}
            keyOf={({ id }) => id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={policies.data.nextCursor}
            onGo={(next) => void navigate({ search: { cursor: next } })}
          />
        </>
      )}
    </>
  );
}

function columns(models: readonly Model[]): readonly Column<RoutingPolicy>[] {
  return [
    {
      header: "Model",
      isHeader: true,
      cell: ({ id, model_id: modelId, managed_by: by }) => (
        <span className="flex flex-wrap items-center gap-2">
          <Link
            to="/routing/$policyId"
            params={{ policyId: id }}
            className={`block max-w-80 min-w-24 font-mono text-[0.8125rem] break-all ${ROW_LINK}`}
          >
            {models.find((model) => model.id === modelId)?.slug ?? modelId}
          </Link>
          <ManagedBadge by={by} />
        </span>
      ),
    },
    { header: "Strategy", hiddenBelow: "sm", cell: ({ strategy }) => strategyWords(strategy) },
    {
      header: "Backends",
      align: "right",
      cell: ({ targets }) => {
        const on = targets.filter(({ enabled }) => enabled).length;
        return on === targets.length ? on : `${on} of ${targets.length}`;
      },
    },
    {
      header: "If all fail",
      hiddenBelow: "md",
      cell: ({ fallback_models: slugs }) =>
        slugs.length === 0 ? (
          <span className="text-muted">An error</span>
        ) : (
          <code className="block max-w-72 font-mono text-xs break-all">{slugs.join(", ")}</code>
        ),
    },
  ];
}
