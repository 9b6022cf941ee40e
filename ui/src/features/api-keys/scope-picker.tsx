import type { ReactNode } from "react";
import type { KeyScope } from "../../api/queries.ts";

const SCOPES: readonly (readonly [KeyScope, string])[] = [
  ["own", "Mine"],
  ["tenant", "Whole tenant"],
];

/** Whose keys are listed. */
export function ScopePicker({
  scope,
  onPick,
}: {
  scope: KeyScope;
  onPick: (scope: KeyScope) => void;
}): ReactNode {
  return (
    <div
      role="group"
      aria-label="Whose keys"
      className="mb-4 inline-flex rounded-lg border border-line bg-surface p-0.5"
    >
      {SCOPES.map(([name, words]) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === scope}
          onClick={() => onPick(name)}
          className={`min-h-8 rounded-md px-3 text-sm font-medium ${
            name === scope ? "bg-raised text-ink" : "text-muted hover:text-ink"
          }`}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
