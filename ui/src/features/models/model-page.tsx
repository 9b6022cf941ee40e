import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { modelPath, modelQuery } from "../../api/queries.ts";
import type { Model } from "../../api/types.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { DeleteDialog } from "../../components/delete-dialog.tsx";
import { Facts } from "../../components/facts.tsx";
import { ManagedNotice } from "../../components/managed.tsx";
import { OnePage } from "../../components/one-page.tsx";
import { PageHeader, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { roomsOf } from "../session/rooms.ts";
import { useMe } from "../session/me-context.ts";
import { EditDialog } from "./edit-dialog.tsx";
import { ModelHealth, ModelStatus } from "./facts.tsx";

const route = getRouteApi("/shell/models/$modelId");

/** One model: what it is, what stands behind it, what it costs. */
export function ModelPage(): ReactNode {
  const { api } = useApp();
  const { modelId } = route.useParams();
  const model = useQuery(modelQuery(api, modelId));
  return (
    <OnePage list="/models" listName="Models" title="Model" query={model}>
      {(data) => <ModelView model={data} onReload={async () => (await model.refetch()).data} />}
    </OnePage>
  );
}

interface ModelViewProps {
  readonly model: Versioned<Model>;
  readonly onReload: () => Promise<Versioned<Model> | undefined>;
}

function ModelView({ model, onReload }: ModelViewProps): ReactNode {
  const { data } = model;
  const [editing, setEditing] = useState<Versioned<Model>>();
  const [isDeleting, setIsDeleting] = useState(false);
  // Told to those alone who may change the model.
  const mayChange = data.default_params !== undefined && data.managed_by === undefined;
  const actions = (
    <>
      <Button onClick={() => setEditing(model)}>Edit</Button>
      <Button onClick={() => setIsDeleting(true)}>Delete</Button>
    </>
  );
  return (
    <>
      <PageHeader title={data.slug} lead={data.description} actions={mayChange && actions} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <ManagedNotice by={data.managed_by} />
        <Section title="Model" actions={<ModelStatus model={data} />}>
          <ModelFacts model={data} />
        </Section>
        <Behind model={data} />
      </div>
      {editing && (
        <EditDialog
          key={editing.version}
          model={editing}
          onReload={() => void onReload().then(setEditing)}
          onClose={() => setEditing(undefined)}
        />
      )}
      {isDeleting && <DeleteModel model={data} onClose={() => setIsDeleting(false)} />}
    </>
  );
}

function ModelFacts({ model }: { model: Model }): ReactNode {
  const { input_price_per_mtok: input, output_price_per_mtok: output, max_output_tokens: most } = model;
  const price = (value: string | undefined): string =>
    value === undefined ? (model.free ? "Free" : "No price") : formatMoney(value);
  return (
    <Facts
      facts={[
        ["Name", model.display_name],
        ["Kind", model.modality],
        ["Context window", `${formatCount(model.context_window)} tokens`],
        ["Longest answer", most === undefined ? undefined : `${formatCount(most)} tokens`],
        ["A million tokens in", price(input)],
        ["A million tokens out", price(output)],
        ["Source of the prices", model.price_source],
        ["Can do", model.capabilities.length === 0 ? undefined : model.capabilities.join(", ")],
        ["Added", <Time key="added" iso={model.created_at} />],
        [
          "System prompt",
          model.system_prompt === undefined ? undefined : (
            <span key="prompt" className="block max-h-40 overflow-y-auto whitespace-pre-wrap">
              {model.system_prompt}
            </span>
          ),
        ],
        [
          "Id",
          <code key="id" className="font-mono text-xs break-all">
            {model.id}
          </code>,
        ],
      ]}
    />
  );
}

function Behind({ model }: { model: Model }): ReactNode {
  const rooms = roomsOf(useMe()).map(({ to }) => to);
  const isRouted = model.total_backend_count > 0;
  return (
    <Section title="What stands behind it" actions={<ModelHealth model={model} />}>
      <div className="grid gap-3">
        <p className="text-muted">
          {isRouted
            ? "Its routing policy says which backends are asked, and in which order."
            : "It has no backend yet: calls are refused."}
        </p>
        <div className="flex flex-wrap gap-2">
          {rooms.includes("/routing") && (
            <Link
              to={isRouted ? "/routing" : "/routing/new"}
              search={isRouted ? {} : { model: model.id }}
              className={buttonClass("secondary")}
            >
              {isRouted ? "Routing" : "Add a routing policy"}
            </Link>
          )}
          {rooms.includes("/access/model-access") && (
            <Link to="/access/model-access" className={buttonClass("secondary")}>
              Who may use it
            </Link>
          )}
          <Link to="/requests" search={{ model: model.slug }} className={buttonClass("secondary")}>
            Its requests
          </Link>
        </div>
      </div>
    </Section>
  );
}

function DeleteModel({ model, onClose }: { model: Model; onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  return (
    <DeleteDialog
      title="Delete this model?"
      path={modelPath(model.id)}
      refresh={["models"]}
      onDone={() => void navigate({ to: "/models" })}
      onClose={onClose}
    >
      <strong>{model.slug}</strong> is gone for good; its usage stays. One that has a routing policy is not
      deleted.
    </DeleteDialog>
  );
}
