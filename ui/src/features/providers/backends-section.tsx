import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { Backend, BackendHealth, Provider } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import type { BadgeTone } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { ManagedBadge } from "../../components/managed.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Section } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { VersionDialog } from "../prices/version-dialog.tsx";
import { BackendStateDetails } from "./backend-state.tsx";
import { PricePair, ProviderStatus } from "./facts.tsx";
import { backendsQuery, healthQuery } from "./queries.ts";

const route = getRouteApi("/shell/providers/$providerId");

/** The backends of a provider; how they do is asked for, since each answer is a call to the provider. */
export function BackendsSection({ provider }: { provider: Provider }): ReactNode {
  const { api } = useApp();
  const queries = useQueryClient();
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const backends = useQuery(backendsQuery(api, provider.id, cursor));
  const [isChecked, setIsChecked] = useState(false);
  const [costing, setCosting] = useState<Backend>();
  const check = (): void => {
    setIsChecked(true);
    void queries.resetQueries({ queryKey: ["backend-health"] });
  };
  const items = backends.data?.items ?? [];
  return (
    <Section
      title="Backends"
      lead="Costs are what the provider charges for a million tokens, in / out."
      actions={items.length > 0 && <Button onClick={check}>Check health</Button>}
    >
      {backends.error && <FailureNotice error={backends.error} onRetry={() => void backends.refetch()} />}
      {backends.data && items.length === 0 && <NoBackends providerId={provider.id} />}
      {items.length > 0 && (
        <DataTable
          caption="Backends"
          isInset
          columns={columns(isChecked, setCosting)}
          rows={items}
          keyOf={(backend) => backend.id}
        />
      )}
      <Pager
        isFurther={cursor !== undefined}
        nextCursor={backends.data?.nextCursor}
        onGo={(next) => void navigate({ search: { cursor: next } })}
      />
      {costing && (
        <VersionDialog
          subject={{ backend_id: costing.id }}
          title={`What ${costing.upstream_model} costs us`}
          current={costing.costs}
          onClose={() => setCosting(undefined)}
        />
      )}
    </Section>
  );
}

function NoBackends({ providerId }: { providerId: string }): ReactNode {
  return (
    <EmptyState
      title="No backends yet"
      why="Nothing can be called here before one of the provider's models has been added."
      action={
        <Link to="/providers/$providerId/models" params={{ providerId }} className={buttonClass("primary")}>
          See its models
        </Link>
      }
    />
  );
}

function columns(isChecked: boolean, onCosts: (backend: Backend) => void): readonly Column<Backend>[] {
  return [
    {
      header: "Model at the provider",
      isHeader: true,
      cell: (backend) => (
        <code className="block max-w-72 min-w-28 font-mono text-xs break-all">{backend.upstream_model}</code>
      ),
    },
    {
      header: "Costs",
      align: "right",
      cell: (backend) => (
        <span title={backend.cost_source} className="grid justify-items-end gap-1">
          <PricePair prices={backend.costs} isFree={backend.free} />
          {backend.managed_by === undefined && (
            <Button
              variant="quiet"
              aria-label={`Set the costs of ${backend.upstream_model}`}
              onClick={() => onCosts(backend)}
            >
              Set
            </Button>
          )}
        </span>
      ),
    },
    { header: "Region", hiddenBelow: "xl", cell: ({ region }) => region ?? "–" },
    {
      header: "Status",
      hiddenBelow: "sm",
      cell: ({ status, managed_by: by }) => (
        <span className="flex flex-wrap gap-1.5">
          <ProviderStatus status={status} />
          <ManagedBadge by={by} />
        </span>
      ),
    },
    {
      header: "Health",
      cell: (backend) => (
        <div className="grid gap-2">
          <BackendStateDetails backend={backend} />
          {isChecked && <Health backendId={backend.id} />}
        </div>
      ),
    },
  ];
}

const HEALTH: Readonly<Record<BackendHealth["status"], readonly [BadgeTone, string]>> = {
  healthy: ["good", "Healthy"],
  degraded: ["warn", "Degraded"],
  unhealthy: ["bad", "Unhealthy"],
  unavailable: ["bad", "Unavailable"],
};

function Health({ backendId }: { backendId: string }): ReactNode {
  const { api } = useApp();
  const health = useQuery(healthQuery(api, backendId));
  if (health.error) return <Badge tone="bad">{asFailure(health.error).code}</Badge>;
  if (!health.data) return <span className="text-muted">Asking…</span>;
  const [tone, words] = HEALTH[health.data.status];
  return (
    <div className="grid min-w-28 gap-0.5">
      <span>
        <Badge tone={tone}>{words}</Badge>
      </span>
      <span className="max-w-64 text-xs break-words text-muted">{health.data.message}</span>
    </div>
  );
}
