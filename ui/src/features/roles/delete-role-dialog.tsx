import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { CustomRole } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";

/** Asks before a custom role is deleted. */
export function DeleteRoleDialog({ role, onClose }: { role: CustomRole; onClose: () => void }): ReactNode {
  const { api } = useApp();
  const remove = useAction({
    call: () => api.data("DELETE", `/v1/iam/custom-roles/${encodeURIComponent(role.id)}`),
    refresh: ["custom-roles"],
    said: () => "Deleted.",
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title="Delete this role?"
      action="Delete"
      isDanger
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p className="break-words">
        <strong>{role.name}</strong> is gone for good. One that somebody still has is not deleted.
      </p>
    </ConfirmDialog>
  );
}
