import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { DiscoveredModel, Provider } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { FailureNotice, Notice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { SearchBox } from "../../components/search-box.tsx";
import { formatCount } from "../../lib/format.ts";
import { DiscoveredTable } from "./discovered-table.tsx";
import { discoveryQuery, providerPath, providerQuery } from "./queries.ts";
import { SecretField } from "./secret-field.tsx";
import { useAdoption } from "./use-adoption.ts";
import type { Adoption } from "./use-adoption.ts";

const route = getRouteApi("/shell/providers/$providerId/models");

/** Providers → one → its models: a test, what it lists, and a choice. */
export function ProviderModelsPage(): ReactNode {
  const { api } = useApp();
  const { providerId } = route.useParams();
  const provider = useQuery(providerQuery(api, providerId));
  const models = useQuery(discoveryQuery(api, providerId));
  const name = provider.data?.data.name ?? "the provider";
  return (
    <>
      <BackLink to="/providers">Providers</BackLink>
      <PageHeader
        title={`Models of ${name}`}
        lead="Choose what programs may ask for, under which name and at which price."
      />
      {provider.error && <FailureNotice error={provider.error} />}
      {models.isFetching && !models.data && <Loading what={`what ${name} answers`} />}
      {models.error && !models.data && !models.isFetching && provider.data && (
        <Mending provider={provider.data.data} error={models.error} onRetry={() => void models.refetch()} />
      )}
      {models.data && (
        <Choosing providerId={providerId} models={models.data} onAgain={() => void models.refetch()} />
      )}
    </>
  );
}

interface MendingProps {
  readonly provider: Provider;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** What to do about a provider that refuses: another key, another attempt, or leave it as it is. */
function Mending({ provider, error, onRetry }: MendingProps): ReactNode {
  const { api } = useApp();
  const [key, setKey] = useState("");
  const replace = useAction({
    call: () =>
      api.data("PATCH", providerPath(provider.id), {
        body: { connection_config: { api_key: key.trim() } },
      }),
    refresh: ["providers"],
    onDone: onRetry,
  });
  return (
    <div className="grid max-w-xl gap-5">
      <FailureNotice error={error} />
      <form
        className="grid gap-4 rounded-xl border border-line bg-surface p-5"
        onSubmit={(event) => {
          event.preventDefault();
          replace.run();
        }}
      >
        <p>The provider is kept. Give it another key, or try again when it answers.</p>
        {replace.error && <FailureNotice error={replace.error} />}
        <SecretField label="Another API key" value={key} onChange={setKey} isRequired problem={undefined} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" busy={replace.isPending}>
            Use this key
          </Button>
          <Button onClick={onRetry}>Try again</Button>
          <Link
            to="/providers/$providerId"
            params={{ providerId: provider.id }}
            className={buttonClass("quiet")}
          >
            To the provider
          </Link>
        </div>
      </form>
    </div>
  );
}

interface ChoosingProps {
  readonly providerId: string;
  readonly models: readonly DiscoveredModel[];
  readonly onAgain: () => void;
}

function Choosing({ providerId, models, onAgain }: ChoosingProps): ReactNode {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const adoption = useAdoption(models);
  const { done, isPending } = adoption;
  if (models.length === 0) {
    return (
      <EmptyState
        title="It lists no models"
        why="The provider answers and accepts the key, but names nothing to call. A server of your own may have to load a model first."
        action={<Button onClick={onAgain}>Ask again</Button>}
      />
    );
  }
  const shown = models.filter((found) => found.upstream_model.toLowerCase().includes(q.toLowerCase()));
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {done.length > 0 && !isPending ? (
        <Added providerId={providerId} count={done.length} />
      ) : (
        <Notice tone="good">
          <p>
            The provider answers, accepts the key, and lists {formatCount(models.length)}{" "}
            {models.length === 1 ? "model" : "models"}.
          </p>
        </Notice>
      )}
      <div className="max-w-md">
        <SearchBox
          label="Part of a model's name"
          initial={q}
          onSearch={(text) => void navigate({ search: text === "" ? {} : { q: text } })}
        />
      </div>
      {shown.length === 0 ? (
        <EmptyState
          title="No model has such a name"
          why="The provider lists nothing that contains this text."
        />
      ) : (
        <DiscoveredTable models={shown} adoption={adoption} />
      )}
      <p className="text-xs text-muted">
        Prices are what programs are charged for a million tokens. Where it is not known what the provider
        charges, the same figures count as its costs. A model without a price cannot be called.
      </p>
      <Buttons providerId={providerId} adoption={adoption} />
    </div>
  );
}

function Buttons({ providerId, adoption }: { providerId: string; adoption: Adoption }): ReactNode {
  const { chosen, done, isPending, run } = adoption;
  const count = formatCount(chosen.length);
  return (
    <div className="flex flex-wrap gap-2">
      <Button variant="primary" busy={isPending || chosen.length === 0} onClick={run}>
        {isPending ? "Adding…" : `Add ${count} ${chosen.length === 1 ? "model" : "models"}`}
      </Button>
      <Link to="/providers/$providerId" params={{ providerId }} className={buttonClass("secondary")}>
        {done.length > 0 ? "Done" : "Not now"}
      </Link>
    </div>
  );
}

function Added({ providerId, count }: { providerId: string; count: number }): ReactNode {
  return (
    <Notice tone="good">
      <p className="font-medium">
        {count === 1 ? "1 model has" : `${formatCount(count)} models have`} been added. Programs can ask for
        {count === 1 ? " it" : " them"} now.
      </p>
      <p className="flex flex-wrap gap-x-4 gap-y-1">
        <Link to="/models" className="text-accent underline">
          See all models
        </Link>
        <Link to="/providers/$providerId" params={{ providerId }} className="text-accent underline">
          See the provider
        </Link>
        <Link to="/access/api-keys/new" className="text-accent underline">
          Create an API key
        </Link>
      </p>
    </Notice>
  );
}
