import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { RoutingPolicy } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { PageHeader } from "../../components/page.tsx";
import { bodyOf, NEW_POLICY } from "./draft.ts";
import { PolicyFields } from "./policy-fields.tsx";
import { allPoliciesQuery, useModels } from "./queries.ts";

const route = getRouteApi("/shell/routing/new");

/** Routing → Add: for a model that has no policy yet. */
export function CreatePolicyPage(): ReactNode {
  const { api } = useApp();
  const navigate = useNavigate();
  const { model } = route.useSearch();
  const [modelId, setModelId] = useState(model ?? "");
  const [draft, setDraft] = useState(NEW_POLICY);
  const add = useAction({
    call: () => {
      const body = { model_id: modelId, ...bodyOf(draft) };
      return api.data<RoutingPolicy>("POST", "/v1/routing-policies", { body });
    },
    refresh: ["routing-policies", "models"],
    said: () => "The policy has been added.",
    onDone: ({ id }) => void navigate({ to: "/routing/$policyId", params: { policyId: id } }),
  });
  const failure = add.error ? asFailure(add.error) : undefined;
  return (
    <>
      <BackLink to="/routing">Routing</BackLink>
      <PageHeader title="Add a routing policy" lead="Each model has one: without it nobody can call it." />
      <form
        className="grid gap-6 rounded-xl border border-line bg-surface p-5 sm:p-6"
        onSubmit={(event) => {
          event.preventDefault();
          add.run();
        }}
      >
        {failure && <FailureNotice error={failure} />}
        <ModelField value={modelId} onPick={setModelId} problem={failure?.problemOf("model_id")} />
        <PolicyFields draft={draft} onChange={setDraft} failure={failure} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" busy={add.isPending}>
            Add
          </Button>
          <Link to="/routing" className={buttonClass("secondary")}>
            Cancel
          </Link>
        </div>
      </form>
    </>
  );
}

interface ModelFieldProps {
  readonly value: string;
  readonly onPick: (modelId: string) => void;
  readonly problem: string | undefined;
}

function ModelField({ value, onPick, problem }: ModelFieldProps): ReactNode {
  const { api } = useApp();
  const models = useModels();
  const policies = useQuery(allPoliciesQuery(api));
  const taken = new Set(policies.data?.map(({ model_id: id }) => id));
  const free = models.filter(({ id }) => id === value || !taken.has(id));
  return (
    <div className="max-w-md">
      <SelectField
        label="Model"
        required
        value={value}
        onChange={(event) => onPick(event.target.value)}
        hint={free.length === 0 ? "Every model you see has a policy." : undefined}
        problem={problem}
      >
        <option value="">Choose one…</option>
        {free.map(({ id, slug }) => (
          <option key={id} value={id}>
            {slug}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
