import type { ReactNode } from "react";
import type { CustomRole } from "../../api/types.ts";
import { DeleteDialog } from "../../components/delete-dialog.tsx";

/** Asks before a custom role is deleted. */
export function DeleteRoleDialog({ role, onClose }: { role: CustomRole; onClose: () => void }): ReactNode {
  return (
    <DeleteDialog
      title="Delete this role?"
      path={`/v1/iam/custom-roles/${encodeURIComponent(role.id)}`}
      refresh={["custom-roles"]}
      onClose={onClose}
    >
      <strong>{role.name}</strong> is gone for good. One that somebody still has is not deleted.
    </DeleteDialog>
  );
}
