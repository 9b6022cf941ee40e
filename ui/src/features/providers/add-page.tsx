import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Preset } from "../../api/types.ts";
import { BackLink } from "../../components/back-link.tsx";
import { buttonClass } from "../../components/button.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { SearchBox } from "../../components/search-box.tsx";
import { ConnectForm } from "./connect-form.tsx";
import { OTHER, presetsNamed } from "./presets.ts";
import { presetsQuery } from "./queries.ts";

const route = getRouteApi("/shell/providers/new");

/** Providers → Add: which one, then its key; the models follow on a page of their own. */
export function AddProviderPage(): ReactNode {
  const { api } = useApp();
  const { preset: chosen } = route.useSearch();
  const presets = useQuery(presetsQuery(api));
  const all = presets.data && [...presets.data, OTHER];
  const preset = all?.find(({ name }) => name === chosen);
  return (
    <>
      <BackLink to="/providers">Providers</BackLink>
      <PageHeader
        title={preset ? `Add ${preset.label}` : "Add a provider"}
        lead={preset ? "Paste its key: it is tried at once, and its models are listed." : "Who is to answer?"}
      />
      {presets.error && <FailureNotice error={presets.error} onRetry={() => void presets.refetch()} />}
      {presets.isPending && <Loading what="providers" />}
      {all && (preset ? <ConnectForm key={preset.name} preset={preset} /> : <PresetPicker presets={all} />)}
    </>
  );
}

function PresetPicker({ presets }: { presets: readonly Preset[] }): ReactNode {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const shown = presetsNamed(presets, q);
  return (
    <>
      <div className="mb-4 max-w-md">
        <SearchBox
          label="Part of a name"
          initial={q}
          onSearch={(text) => void navigate({ search: text === "" ? {} : { q: text } })}
        />
      </div>
      {shown.length === 0 && (
        <EmptyState
          title="No provider has such a name"
          why="Any server that speaks OpenAI's chat format can be added by its address."
          action={
            <Link to="/providers/new" search={{ preset: OTHER.name }} className={buttonClass("primary")}>
              Add another server
            </Link>
          }
        />
      )}
      <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {shown.map((preset) => (
          <li key={preset.name}>
            <Link
              to="/providers/new"
              search={{ preset: preset.name }}
              className="grid h-full content-start gap-1 rounded-xl border border-line bg-surface px-4 py-3 hover:border-accent hover:bg-raised"
            >
              <span className="font-medium">{preset.label}</span>
              <span className="text-xs text-muted">{about(preset)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function about({ name, self_hosted: isOwn, model_count: count, base_url: baseUrl }: Preset): string {
  if (name === OTHER.name) return "Any server that speaks OpenAI's chat format, by its address";
  if (isOwn) return `On a machine of your own: ${baseUrl}`;
  if (count === 0) return "Hosted; prices are yours to enter";
  return `Hosted; prices known of ${count} ${count === 1 ? "model" : "models"}`;
}
