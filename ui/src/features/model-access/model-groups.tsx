import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { ModelGroup } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Section } from "../../components/page.tsx";
import { ModelGroupDialog } from "./model-group-dialog.tsx";
import { modelGroupPath, modelGroupsQuery } from "./queries.ts";

/** Models that are allowed or blocked together. */
export function ModelGroups(): ReactNode {
  const { api } = useApp();
  const groups = useQuery(modelGroupsQuery(api));
  const [editing, setEditing] = useState<"new" | ModelGroup>();
  const [deleting, setDeleting] = useState<ModelGroup>();
  const adding = (
    <Button onClick={() => setEditing("new")}>
      <Icon name="plus" />
      Add model group
    </Button>
  );
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-lg font-semibold">Model groups</h2>
        {groups.data && groups.data.length > 0 && adding}
      </div>
      {groups.error && <FailureNotice error={groups.error} onRetry={() => void groups.refetch()} />}
      {groups.data?.length === 0 && (
        <EmptyState
          title="No model groups yet"
          why="Name models that belong together once, and every rule that names the group follows when it changes."
          action={adding}
        />
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
        {groups.data?.map((group) => (
          <ModelGroupCard
            key={group.id}
            group={group}
            onEdit={() => setEditing(group)}
            onDelete={() => setDeleting(group)}
          />
        ))}
      </div>
      {editing !== undefined && (
        <ModelGroupDialog
          {...(editing !== "new" && { id: editing.id })}
          onClose={() => setEditing(undefined)}
        />
      )}
      {deleting && <DeleteDialog group={deleting} onClose={() => setDeleting(undefined)} />}
    </section>
  );
}

interface ModelGroupCardProps {
  readonly group: ModelGroup;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function ModelGroupCard({ group, onEdit, onDelete }: ModelGroupCardProps): ReactNode {
  return (
    <Section
      title={group.name}
      lead={group.description}
      actions={
        <div className="flex gap-1">
          <Button variant="quiet" aria-label={`Edit ${group.name}`} onClick={onEdit}>
            Edit
          </Button>
          <Button variant="quiet" aria-label={`Delete ${group.name}`} onClick={onDelete}>
            Delete
          </Button>
        </div>
      }
    >
      <ul className="flex flex-wrap gap-1.5">
        {group.models.map((model) => (
          <li key={model}>
            <code className="rounded bg-raised px-1.5 py-0.5 font-mono text-xs break-all">{model}</code>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function DeleteDialog({ group, onClose }: { group: ModelGroup; onClose: () => void }): ReactNode {
  const { api } = useApp();
  const remove = useAction({
    call: () => api.data("DELETE", modelGroupPath(group.id)),
    refresh: ["model-groups"],
    said: () => "Deleted.",
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title="Delete this model group?"
      action="Delete"
      isDanger
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p className="break-words">
        <strong>{group.name}</strong> is gone for good. One that a rule still names is not deleted.
      </p>
    </ConfirmDialog>
  );
}
