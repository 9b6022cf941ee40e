import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { presetOf } from "./presets.ts";
import type { Provider, ProviderTest } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Facts } from "../../components/facts.tsx";
import { ManagedNotice } from "../../components/managed.tsx";
import { ChangeFailure, FailureNotice, Notice } from "../../components/notice.tsx";
import { Loading, PageHeader, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatWholeMs } from "../../lib/format.ts";
import { BackendsSection } from "./backends-section.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { KeyShown, ProviderStatus } from "./facts.tsx";
import { presetsQuery, providerPath, providerQuery } from "./queries.ts";

const route = getRouteApi("/shell/providers/$providerId");

/** One provider with its backends. */
export function ProviderPage(): ReactNode {
  const { api } = useApp();
  const { providerId } = route.useParams();
  const provider = useQuery(providerQuery(api, providerId));
  return (
    <>
      <BackLink to="/providers">Providers</BackLink>
      {provider.data === undefined && <PageHeader title="Provider" />}
      {provider.isPending && <Loading what="the provider" />}
      {provider.error && <FailureNotice error={provider.error} onRetry={() => void provider.refetch()} />}
      {provider.data && (
        <ProviderView provider={provider.data} onReload={async () => (await provider.refetch()).data} />
      )}
    </>
  );
}

interface ProviderViewProps {
  readonly provider: Versioned<Provider>;
  readonly onReload: () => Promise<Versioned<Provider> | undefined>;
}

function ProviderView({ provider, onReload }: ProviderViewProps): ReactNode {
  const { api } = useApp();
  const { data } = provider;
  const [editing, setEditing] = useState<Versioned<Provider>>();
  const test = useAction({
    call: () => api.data<ProviderTest>("POST", `${providerPath(data.id)}/test`),
    said: ({ message }) => message,
  });
  return (
    <>
      <PageHeader
        title={data.name}
        actions={
          <>
            <Button busy={test.isPending} onClick={() => test.run()}>
              Test
            </Button>
            {data.managed_by === undefined && <Button onClick={() => setEditing(provider)}>Edit</Button>}
            <AddModelsLink providerId={data.id} />
          </>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <ManagedNotice by={data.managed_by} />
        {test.error && <FailureNotice error={test.error} />}
        {test.result && <TestResult result={test.result} />}
        <Section title="Connection" actions={<ProviderStatus status={data.status} />}>
          <Connection provider={data} />
        </Section>
        <BackendsSection provider={data} />
        {data.managed_by === undefined && (
          <Section title="Switch off or delete">
            <Ending provider={provider} onReload={onReload} />
          </Section>
        )}
      </div>
      {editing && (
        <EditDialog
          // A reload begins anew with what is there now.
          key={editing.version}
          provider={editing}
          onReload={async () => setEditing(await onReload())}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  );
}

function AddModelsLink({ providerId }: { providerId: string }): ReactNode {
  return (
    <Link to="/providers/$providerId/models" params={{ providerId }} className={buttonClass("primary")}>
      Add models
    </Link>
  );
}

function TestResult({ result }: { result: ProviderTest }): ReactNode {
  const { ok, message, latency_ms: ms, models_found: found } = result;
  return (
    <Notice tone={ok ? "good" : "bad"}>
      <p className="font-medium break-words">{message}</p>
      <p>
        {formatWholeMs(ms)}
        {found !== undefined && ` · ${found} ${found === 1 ? "model" : "models"} listed`}
      </p>
    </Notice>
  );
}

function Connection({ provider }: { provider: Provider }): ReactNode {
  const { api } = useApp();
  const presets = useQuery(presetsQuery(api));
  const preset = presetOf(provider, presets.data ?? []);
  const address = provider.base_url ?? preset?.base_url;
  return (
    <Facts
      facts={[
        ["Kind", preset?.label ?? provider.type],
        ["Address", address && <code className="font-mono text-xs break-all">{address}</code>],
        ["API key", <KeyShown key="key" connection={provider.connection} />],
        ["Added", <Time key="time" iso={provider.created_at} />],
        [
          "Id",
          <code key="id" className="font-mono text-xs break-all">
            {provider.id}
          </code>,
        ],
      ]}
    />
  );
}

function Ending({ provider: { data, version }, onReload }: ProviderViewProps): ReactNode {
  const { api } = useApp();
  const navigate = useNavigate();
  const [isAsking, setIsAsking] = useState(false);
  const isOn = data.status === "active";
  const turn = useAction({
    call: () =>
      api.data("PATCH", providerPath(data.id), {
        body: { status: isOn ? "disabled" : "active" },
        ifVersion: version,
      }),
    refresh: ["providers", "models"],
    said: () => (isOn ? "Switched off." : "Switched on."),
  });
  const remove = useAction({
    call: () => api.data("DELETE", providerPath(data.id)),
    refresh: ["providers"],
    onDone: () => void navigate({ to: "/providers" }),
  });
  return (
    <div className="grid gap-3">
      <p className="text-muted">
        A provider that is switched off gets no calls; everything else stays. One that has backends cannot be
        deleted.
      </p>
      {turn.error && <ChangeFailure error={turn.error} onReload={turn.afresh(() => void onReload())} />}
      <div className="flex flex-wrap gap-2">
        <Button busy={turn.isPending} onClick={() => turn.run()}>
          {isOn ? "Switch off" : "Switch on"}
        </Button>
        <Button onClick={() => setIsAsking(true)}>Delete</Button>
      </div>
      {isAsking && (
        <ConfirmDialog
          title="Delete this provider?"
          action="Delete"
          isDanger
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.run()}
          onClose={() => setIsAsking(false)}
        >
          <p className="break-words">
            <strong>{data.name}</strong> and its key are forgotten.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}
