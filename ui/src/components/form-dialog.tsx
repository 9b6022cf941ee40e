import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ChangeFailure } from "./notice.tsx";

interface FormDialogProps {
  readonly title: string;
  /** The fields. */
  readonly children: ReactNode;
  /** The word on the button that sends them. */
  readonly action: string;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSubmit: () => void;
  /** Reads anew what somebody else has changed meanwhile. */
  readonly onReload?: () => void;
  readonly onClose: () => void;
  /** For what has columns. */
  readonly isWide?: boolean;
}

/** A few fields above the page; what was typed stays there when the gateway refuses it. */
export function FormDialog(props: FormDialogProps): ReactNode {
  const { title, children, action, isPending, error, onSubmit, onReload, onClose, isWide = false } = props;
  return (
    <Dialog title={title} onClose={onClose} isWide={isWide}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {error != null && <ChangeFailure error={error} {...(onReload && { onReload })} />}
        {children}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={isPending}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
