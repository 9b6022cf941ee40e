import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";

/** A text to copy as it stands. */
export function CodeBlock({ code, what }: { code: string; what: string }): ReactNode {
  return (
    <div className="grid rounded-lg border border-line bg-raised">
      <div className="flex items-center justify-between gap-2 border-b border-line py-1 pr-1 pl-3">
        <span className="text-xs text-muted">{what}</span>
        <CopyButton text={code} what={what} variant="quiet" isSmall />
      </div>
      <pre
        // The keyboard scrolls it.
        tabIndex={0}
        role="region"
        aria-label={what}
        className="overflow-x-auto p-3 font-mono text-xs leading-relaxed"
      >
        <code>{code}</code>
      </pre>
    </div>
  );
}
