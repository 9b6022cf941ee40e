import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { RoutingPolicy } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { DeleteDialog } from "../../components/delete-dialog.tsx";
import { ManagedNotice } from "../../components/managed.tsx";
import { ChangeFailure } from "../../components/notice.tsx";
import { OnePage } from "../../components/one-page.tsx";
import { PageHeader, Section } from "../../components/page.tsx";
import { bodyOf, draftOf } from "./draft.ts";
import { PolicyFields } from "./policy-fields.tsx";
import { PreviewSection } from "./preview-section.tsx";
import { policyPath, policyQuery, useModels } from "./queries.ts";

const route = getRouteApi("/shell/routing/$policyId");

/** One policy: what it says, and what would become of a request. */
export function PolicyPage(): ReactNode {
  const { api } = useApp();
  const { policyId } = route.useParams();
  const policy = useQuery(policyQuery(api, policyId));
  return (
    <OnePage list="/routing" listName="Routing" title="Routing policy" query={policy}>
      {(data) => <PolicyView policy={data} onReload={() => void policy.refetch()} />}
    </OnePage>
  );
}

interface PolicyViewProps {
  readonly policy: Versioned<RoutingPolicy>;
  readonly onReload: () => void;
}

function PolicyView({ policy, onReload }: PolicyViewProps): ReactNode {
  const { data } = policy;
  const model = useModels().find(({ id }) => id === data.model_id);
  const [isDeleting, setIsDeleting] = useState(false);
  const isOwn = data.managed_by === undefined;
  const slug = model?.slug ?? data.model_id;
  return (
    <>
      <PageHeader
        title={slug}
        lead="Which backends serve this model."
        actions={isOwn && <Button onClick={() => setIsDeleting(true)}>Delete</Button>}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <ManagedNotice by={data.managed_by} />
        <PreviewSection policyId={data.id} />
        <Section title="Policy">
          <PolicyForm key={policy.version} policy={policy} onReload={onReload} />
        </Section>
      </div>
      {isDeleting && <DeletePolicy policy={data} slug={slug} onClose={() => setIsDeleting(false)} />}
    </>
  );
}

function PolicyForm({ policy: { data, version }, onReload }: PolicyViewProps): ReactNode {
  const { api } = useApp();
  const [draft, setDraft] = useState(draftOf(data));
  const save = useAction({
    call: () => api.data("PATCH", policyPath(data.id), { body: bodyOf(draft), ifVersion: version }),
    refresh: ["routing-policies", "models"],
    said: () => "Saved the policy.",
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  const isOwn = data.managed_by === undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.run();
      }}
    >
      {/* What the file owns is shown as it is. */}
      <fieldset disabled={!isOwn} className="grid min-w-0 gap-6">
        <legend className="sr-only">What the policy says</legend>
        {failure && <ChangeFailure error={failure} onReload={save.afresh(onReload)} />}
        <PolicyFields draft={draft} onChange={setDraft} failure={failure} isFixed={!isOwn} />
        {isOwn && (
          <div>
            <Button type="submit" variant="primary" busy={save.isPending}>
              Save the policy
            </Button>
          </div>
        )}
      </fieldset>
    </form>
  );
}

interface DeletePolicyProps {
  readonly policy: RoutingPolicy;
  readonly slug: string;
  readonly onClose: () => void;
}

function DeletePolicy({ policy, slug, onClose }: DeletePolicyProps): ReactNode {
  const navigate = useNavigate();
  return (
    <DeleteDialog
      title="Delete this policy?"
      path={policyPath(policy.id)}
      refresh={["models"]}
      onDone={() => void navigate({ to: "/routing" })}
      onClose={onClose}
    >
      <strong>{slug}</strong> has no backend from then on: calls of it are refused. Backends and model stay.
    </DeleteDialog>
  );
}
