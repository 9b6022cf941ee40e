import type { ReactNode } from "react";
import { useApp } from "../app-context.ts";
import { useAction } from "../api/use-action.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";

interface DeleteDialogProps {
  readonly title: string;
  /** The address in the API of what goes. */
  readonly path: string;
  /** First part of the keys of what has to be read anew. */
  readonly refresh: readonly string[];
  /** The word on the button, and what is said afterwards. */
  readonly action?: string;
  readonly said?: string;
  /** What goes, and what follows. */
  readonly children: ReactNode;
  /** It is gone. The dialog closes by itself where nothing else happens then. */
  readonly onDone?: () => void;
  readonly onClose: () => void;
}

/** Asks before something goes for good. */
export function DeleteDialog(props: DeleteDialogProps): ReactNode {
  const { title, path, refresh, action = "Delete", said = "Deleted.", children, onClose } = props;
  const { api } = useApp();
  const remove = useAction({
    call: () => api.data("DELETE", path),
    refresh,
    said: () => said,
    onDone: props.onDone ?? onClose,
  });
  return (
    <ConfirmDialog
      title={title}
      action={action}
      isDanger
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p className="break-words">{children}</p>
    </ConfirmDialog>
  );
}
