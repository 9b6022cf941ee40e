import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Escape was pressed. Without it the dialog can only be answered. */
  readonly onClose?: () => void;
}

/**
 * A question above the page, open as long as it is drawn. The browser's own dialog keeps the focus inside and gives
 * it back afterwards.
 */
export function Dialog({ title, children, onClose }: DialogProps): ReactNode {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      className="m-auto w-[min(30rem,calc(100vw-2rem))] rounded-xl border border-line bg-surface p-6 text-ink shadow-2xl"
      onKeyDown={(event) => {
        // Browsers let a second Escape pass where the first one was refused.
        if (event.key === "Escape" && !onClose) event.preventDefault();
      }}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <h2 id={titleId} className="text-lg font-semibold">
        {title}
      </h2>
      <div className="mt-3 grid gap-4 text-sm">{children}</div>
    </dialog>
  );
}
