import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { modelsQuery } from "../../api/queries.ts";
import type { Model } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { ManagedBadge } from "../../components/managed.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { ROW_LINK } from "../../components/row-link.ts";
import { SearchBox } from "../../components/search-box.tsx";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { ModelHealth, ModelStatus } from "./facts.tsx";

const route = getRouteApi("/shell/models");

function addLink(): ReactNode {
  return (
    <Link to="/models/new" className={buttonClass("primary")}>
      <Icon name="plus" />
      Add model
    </Link>
  );
}

/** Models. */
export function ModelsPage(): ReactNode {
  const { api } = useApp();
  const { q, cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const models = useQuery(modelsQuery(api, q, cursor));
  return (
    <>
      <PageHeader
        title="Models"
        lead="The stable names that programs ask for. What stands behind a name can change without them."
        actions={may(useMe(), "models:manage") && addLink()}
      />
      <div className="mb-4 max-w-md">
        <SearchBox
          label="Part of a name"
          initial={q ?? ""}
          onSearch={(text) => void navigate({ search: text === "" ? {} : { q: text } })}
        />
      </div>
      {models.error && <FailureNotice error={models.error} onRetry={() => void models.refetch()} />}
      {models.isPending && <Loading what="models" />}
      {models.data?.items.length === 0 && (
        <NoModels isFiltered={q !== undefined} onAll={() => void navigate({ search: {} })} />
      )}
      {models.data !== undefined && models.data.items.length > 0 && (
        <>
          <DataTable
            caption="Models"
            columns={COLUMNS}
            rows={models.data.items}
            keyOf={(model) => model.id}
          />
          <p className="mt-3 text-xs text-muted">Prices are for a million tokens.</p>
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={models.data.nextCursor}
            onGo={(next) => void navigate({ search: (now) => ({ ...now, cursor: next }) })}
          />
        </>
      )}
    </>
  );
}

function NoModels({ isFiltered, onAll }: { isFiltered: boolean; onAll: () => void }): ReactNode {
  const me = useMe();
  if (isFiltered) {
    return (
      <EmptyState
        title="No model has such a name"
        why="Nothing that you may see contains this text in its slug or name."
        action={<Button onClick={onAll}>Show all models</Button>}
      />
    );
  }
  if (may(me, "platform:manage")) {
    return (
      <EmptyState
        title="No models yet"
        why="A model needs a provider behind it: paste a key, and pick from the models it lists."
        action={
          <Link to="/providers/new" className={buttonClass("primary")}>
            Add a provider
          </Link>
        }
      />
    );
  }
  return (
    <EmptyState
      title="No models yet"
      why="A model needs a provider behind it. The operator of the gateway adds one."
    />
  );
}

const COLUMNS: readonly Column<Model>[] = [
  {
    header: "Model",
    isHeader: true,
    cell: (model) => (
      <div className="grid min-w-40 gap-0.5">
        <span className="flex flex-wrap items-center gap-2">
          <Link
            to="/models/$modelId"
            params={{ modelId: model.id }}
            className={`font-mono text-[0.8125rem] break-all ${ROW_LINK}`}
          >
            {model.slug}
          </Link>
          {model.owned_by === "sandbox" && <Badge tone="accent">Sandbox</Badge>}
          <ManagedBadge by={model.managed_by} />
        </span>
        <span className="max-w-md text-xs break-words text-muted" title={model.description}>
          {model.display_name}
        </span>
      </div>
    ),
  },
  { header: "Kind", hiddenBelow: "lg", cell: (model) => model.modality },
  {
    header: "Context",
    hiddenBelow: "md",
    align: "right",
    cell: (model) => formatCount(model.context_window),
  },
  { header: "Input", align: "right", cell: (model) => <Price model={model} of="input_price_per_mtok" /> },
  { header: "Output", align: "right", cell: (model) => <Price model={model} of="output_price_per_mtok" /> },
  { header: "Status", hiddenBelow: "lg", cell: (model) => <ModelStatus model={model} /> },
  {
    header: "Health",
    hiddenBelow: "sm",
    cell: (model) => <ModelHealth model={model} />,
  },
];

function Price({
  model,
  of,
}: {
  model: Model;
  of: "input_price_per_mtok" | "output_price_per_mtok";
}): ReactNode {
  const price = model[of];
  if (price !== undefined) return formatMoney(price);
  return model.free ? "Free" : <span className="text-warn">No price</span>;
}
