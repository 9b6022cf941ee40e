import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { Button } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { inOrder, moved } from "./draft.ts";
import type { Target } from "./draft.ts";
import { useBackends } from "./queries.ts";
import type { RoutableBackend } from "./queries.ts";
import { TargetRow } from "./target-row.tsx";

interface TargetsFieldProps {
  readonly targets: readonly Target[];
  readonly onChange: (targets: readonly Target[]) => void;
  readonly problem: string | undefined;
  /** Shown, not changed. */
  readonly isFixed: boolean;
}

/** The backends of a policy as a list whose order is that of the questions; moved by buttons, or drawn. */
export function TargetsField({ targets, onChange, problem, isFixed }: TargetsFieldProps): ReactNode {
  const { announcement } = useApp();
  const backends = useBackends();
  const [drawn, setDrawn] = useState<number>();
  const nameOf = (id: string): string => backends.data?.find((each) => each.id === id)?.uri ?? id;
  const move = (from: number, to: number): void => {
    const target = targets[from];
    if (!target || !targets[to]) return;
    onChange(moved(targets, from, to));
    announcement.set(`${nameOf(target.backend_id)} is now number ${to + 1} of ${targets.length}.`);
  };
  const change = (at: number, next: Target): void =>
    onChange(targets.map((target, place) => (place === at ? next : target)));
  return (
    <fieldset className="grid min-w-0 gap-3">
      <legend className="mb-2 text-sm font-medium">Backends, in the order in which they are asked</legend>
      {backends.error && <FailureNotice error={backends.error} onRetry={() => void backends.refetch()} />}
      {targets.length === 0 && <p className="text-muted">None yet: a policy needs at least one.</p>}
      <ol className="grid gap-2">
        {targets.map((target, at) => (
          <TargetRow
            key={target.backend_id}
            target={target}
            name={nameOf(target.backend_id)}
            backend={backends.data?.find(({ id }) => id === target.backend_id)}
            isFixed={isFixed}
            isFirst={at === 0}
            isLast={at === targets.length - 1}
            isDrawn={drawn === at}
            onMove={(step) => move(at, at + step)}
            onDraw={() => setDrawn(at)}
            onDrop={() => {
              if (drawn !== undefined) move(drawn, at);
              setDrawn(undefined);
            }}
            onChange={(next) => change(at, next)}
            onSettle={() => onChange(inOrder(targets))}
            onRemove={() => onChange(targets.filter((_, place) => place !== at))}
          />
        ))}
      </ol>
      {problem !== undefined && <p className="text-xs font-medium text-bad">{problem}</p>}
      {!isFixed && <AddTarget backends={backends.data ?? []} targets={targets} onChange={onChange} />}
    </fieldset>
  );
}

interface AddTargetProps {
  readonly backends: readonly RoutableBackend[];
  readonly targets: readonly Target[];
  readonly onChange: (targets: readonly Target[]) => void;
}

function AddTarget({ backends, targets, onChange }: AddTargetProps): ReactNode {
  const [chosen, setChosen] = useState("");
  const free = backends.filter(({ id }) => !targets.some((each) => each.backend_id === id));
  if (free.length === 0) return null;
  const add = (): void => {
    const priority = targets.at(-1)?.priority ?? 1;
    if (chosen !== "") onChange([...targets, { backend_id: chosen, priority, weight: 100, enabled: true }]);
    setChosen("");
  };
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="w-full max-w-md">
        <SelectField
          label="Another backend"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value="">Choose one…</option>
          {free.map(({ id, uri, region }) => (
            <option key={id} value={id}>
              {region === undefined ? uri : `${uri} (${region})`}
            </option>
          ))}
        </SelectField>
      </div>
      <Button onClick={add}>Add backend</Button>
    </div>
  );
}
