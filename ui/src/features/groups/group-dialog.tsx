import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { Versioned } from "../../api/client.ts";
import type { Group } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { NameField } from "../../components/name-field.tsx";
import { TenantField } from "../levels/tenant-field.tsx";
import { useMe } from "../session/me-context.ts";
import { groupPath } from "./queries.ts";

interface GroupDialogProps {
  /** The group to change; a new one where there is none. */
  readonly group?: Versioned<Group>;
  readonly onDone: (group: Group) => void;
  readonly onReload?: () => void;
  readonly onClose: () => void;
}

/** Name and description of a group. */
export function GroupDialog({ group, onDone, onReload, onClose }: GroupDialogProps): ReactNode {
  const { api } = useApp();
  const [name, setName] = useState(group?.data.name ?? "");
  const [description, setDescription] = useState(group?.data.description ?? "");
  const [tenantId, setTenantId] = useState(useMe().tenant.id);
  const save = useAction({
    call: (): Promise<Group> => {
      if (group) {
        const body = { name, description: description.trim() === "" ? null : description };
        return api.data("PATCH", groupPath(group.data.id), { body, ifVersion: group.version });
      }
      const body = { name, ...(description.trim() !== "" && { description }), tenant_id: tenantId };
      return api.data("POST", "/v1/groups", { body });
    },
    refresh: ["groups"],
    said: () => (group ? "Saved the group." : "The group has been added."),
    onDone,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  return (
    <FormDialog
      title={group ? "Edit the group" : "Add a group"}
      action={group ? "Save" : "Add"}
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      {...(onReload && { onReload })}
      onClose={onClose}
    >
      <NameField value={name} onType={setName} failure={failure} />
      <TextField
        label="Description (optional)"
        autoComplete="off"
        value={description}
        onChange={(event) => setDescription(event.target.value)}
        problem={failure?.problemOf("description")}
      />
      {!group && (
        <TenantField value={tenantId} onChange={setTenantId} problem={failure?.problemOf("tenant_id")} />
      )}
    </FormDialog>
  );
}
