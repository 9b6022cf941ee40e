import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ChangeFailure } from "./notice.tsx";

interface ConfirmDialogProps {
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** The word on the button that does it. */
  readonly action: string;
  readonly isDanger?: boolean;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  /** Reads anew what somebody else has changed meanwhile. */
  readonly onReload?: () => void;
  readonly onClose: () => void;
}

/** Asks before something is done that others notice. */
export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const { title, children, action, isDanger = false, isPending, error, onConfirm, onReload, onClose } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {error != null && <ChangeFailure error={error} {...(onReload && { onReload })} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant={isDanger ? "danger" : "primary"} busy={isPending} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
