import type { ReactNode } from "react";

export interface TickChoice {
  readonly name: string;
  readonly words: string;
  /** Stays as it is. */
  readonly isFixed?: boolean;
}

interface TicksProps {
  readonly legend: string;
  /** The heading above says it already. */
  readonly isLegendHidden?: boolean;
  /** Names of the API rather than words. */
  readonly isCode?: boolean;
  readonly hint?: string;
  readonly problem?: string | undefined;
  readonly choices: readonly TickChoice[];
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
}

/** Any number of several. */
export function Ticks(props: TicksProps): ReactNode {
  const { legend, isLegendHidden = false, isCode = false, hint, problem, choices, chosen, onChange } = props;
  const tick = (name: string, isOn: boolean): void => {
    const next = new Set(chosen);
    if (isOn) next.add(name);
    else next.delete(name);
    onChange(next);
  };
  return (
    <fieldset className="min-w-0">
      <legend className={isLegendHidden ? "sr-only" : "text-sm font-medium"}>{legend}</legend>
      {hint !== undefined && <p className="mt-1 text-xs text-muted">{hint}</p>}
      <div className="mt-2 grid gap-2 sm:grid-cols-2 lg:grid-cols-3">
        {choices.map(({ name, words, isFixed = false }) => (
          <label key={name} className="flex min-h-8 min-w-0 items-center gap-2">
            <input
              type="checkbox"
              className="size-5 shrink-0 accent-accent"
              checked={chosen.has(name)}
              disabled={isFixed}
              onChange={(event) => tick(name, event.target.checked)}
            />
            <span className={isCode ? "min-w-0 font-mono text-xs break-all" : "min-w-0 break-words"}>
              {words}
            </span>
          </label>
        ))}
      </div>
      {problem !== undefined && <p className="mt-1 text-xs font-medium text-bad">{problem}</p>}
    </fieldset>
  );
}
