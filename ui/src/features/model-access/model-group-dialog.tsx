import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { ModelGroup } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Dialog } from "../../components/dialog.tsx";
import { AreaField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { NameField } from "../../components/name-field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { linesOf } from "../../lib/lines.ts";
import { TenantField } from "../levels/tenant-field.tsx";
import { useMe } from "../session/me-context.ts";
import { modelGroupPath, modelGroupQuery } from "./queries.ts";

/** A model group: the one of this id as it is now, or a new one. */
export function ModelGroupDialog({ id, onClose }: { id?: string; onClose: () => void }): ReactNode {
  const { api } = useApp();
  const group = useQuery({ ...modelGroupQuery(api, id ?? ""), enabled: id !== undefined });
  if (id === undefined) return <ModelGroupForm onClose={onClose} />;
  if (group.data) {
    return (
      <ModelGroupForm
        key={group.data.version}
        group={group.data}
        onReload={() => void group.refetch()}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title="Edit the model group" onClose={onClose}>
      {group.error ? <FailureNotice error={group.error} /> : <p className="text-muted">Loading…</p>}
    </Dialog>
  );
}

interface ModelGroupFormProps {
  readonly group?: Versioned<ModelGroup>;
  readonly onReload?: () => void;
  readonly onClose: () => void;
}

function ModelGroupForm({ group, onReload, onClose }: ModelGroupFormProps): ReactNode {
  const { api } = useApp();
  const [name, setName] = useState(group?.data.name ?? "");
  const [models, setModels] = useState(group?.data.models.join("\n") ?? "");
  const [tenantId, setTenantId] = useState(useMe().tenant.id);
  const save = useAction({
    call: () => {
      const body = { name, models: linesOf(models) };
      if (!group) return api.data("POST", "/v1/model-groups", { body: { ...body, tenant_id: tenantId } });
      return api.data("PATCH", modelGroupPath(group.data.id), { body, ifVersion: group.version });
    },
    refresh: ["model-groups", "model-access"],
    said: () => "Saved the model group.",
    onDone: onClose,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  return (
    <FormDialog
      title={group ? "Edit the model group" : "Add a model group"}
      action={group ? "Save" : "Add"}
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      {...(onReload && { onReload })}
      onClose={onClose}
    >
      <NameField value={name} onType={setName} failure={failure} />
      <AreaField
        label="Models"
        required
        rows={5}
        spellCheck={false}
        value={models}
        onChange={(event) => setModels(event.target.value)}
        hint="One slug a line, or the beginning of slugs and /*: openai/*"
        problem={failure?.problemUnder("models")}
      />
      {!group && (
        <TenantField value={tenantId} onChange={setTenantId} problem={failure?.problemOf("tenant_id")} />
      )}
    </FormDialog>
  );
}
