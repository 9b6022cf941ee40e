import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Escape was pressed. Without it the dialog can only be answered. */
  readonly onClose?: () => void;
  /** For what has columns. */
  readonly isWide?: boolean;
}

/**
 * A question above the page, open as long as it is drawn. The browser's own dialog keeps the focus inside and gives
 * it back afterwards.
 */
export function Dialog({ title, children, onClose, isWide = false }: DialogProps): ReactNode {
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
      className={`m-auto max-h-[calc(100dvh-2rem)] overflow-y-auto rounded-xl border border-line bg-surface p-6 text-ink shadow-2xl ${
        isWide ? "w-[min(48rem,calc(100vw-2rem))]" : "w-[min(30rem,calc(100vw-2rem))]"
      }`}
      onKeyDown={(event) => {
        // Browsers let a second Escape pass where the first one was refused.
        if (event.key === "Escape" && !onClose) event.preventDefault();
      }}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <h2 id={titleId} className="text-lg font-semibold break-words">
        {title}
      </h2>
      <div className="mt-3 grid gap-4 text-sm">{children}</div>
    </dialog>
  );
}
