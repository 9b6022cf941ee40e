import { useId } from "react";
import type { ReactNode } from "react";
import { Button } from "../../components/button.tsx";
import { BackendState } from "../providers/backend-state.tsx";
import type { Target } from "./draft.ts";
import type { RoutableBackend } from "./queries.ts";

const PRIORITY_MAX = 1_000;
const WEIGHT_MAX = 1_000_000;

interface TargetRowProps {
  readonly target: Target;
  readonly name: string;
  /** Absent while it is being loaded, or where there is no such backend any more. */
  readonly backend: RoutableBackend | undefined;
  /** Shown, not changed. */
  readonly isFixed: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly isDrawn: boolean;
  readonly onMove: (step: -1 | 1) => void;
  readonly onDraw: () => void;
  readonly onDrop: () => void;
  readonly onChange: (target: Target) => void;
  /** A number has been typed to its end. */
  readonly onSettle: () => void;
  readonly onRemove: () => void;
}

/** One backend of a policy. */
export function TargetRow(props: TargetRowProps): ReactNode {
  const { name, backend, isFixed, isDrawn, onDraw, onDrop } = props;
  return (
    <li
      draggable={!isFixed}
      onDragStart={onDraw}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        onDrop();
      }}
      className={`grid gap-3 rounded-lg border bg-surface p-3 sm:grid-cols-[minmax(0,1fr)_auto] ${
        isDrawn ? "border-accent opacity-60" : "border-line"
      }`}
    >
      <div className="grid min-w-0 gap-2">
        <div className="flex flex-wrap items-center gap-2">
          <code className="font-mono text-xs font-medium break-all">{name}</code>
          {backend?.health && <BackendState health={backend.health} />}
        </div>
        <Numbers {...props} />
      </div>
      <RowActions {...props} />
    </li>
  );
}

function Numbers({ target, name, onChange, onSettle }: TargetRowProps): ReactNode {
  return (
    <div className="flex flex-wrap items-end gap-3">
      <NumberField
        label={`Priority of ${name}`}
        words="Priority"
        min={1}
        max={PRIORITY_MAX}
        value={target.priority}
        onChange={(priority) => onChange({ ...target, priority })}
        onSettle={onSettle}
      />
      <NumberField
        label={`Weight of ${name}`}
        words="Weight"
        min={0}
        max={WEIGHT_MAX}
        value={target.weight}
        onChange={(weight) => onChange({ ...target, weight })}
      />
      <label className="flex min-h-9 items-center gap-2">
        <input
          type="checkbox"
          className="size-5 accent-accent"
          aria-label={`Ask ${name}`}
          checked={target.enabled}
          onChange={(event) => onChange({ ...target, enabled: event.target.checked })}
        />
        In use
      </label>
    </div>
  );
}

function RowActions({ name, isFirst, isLast, onMove, onRemove }: TargetRowProps): ReactNode {
  return (
    <div className="flex items-start gap-1">
      <Button variant="quiet" aria-label={`Move ${name} up`} disabled={isFirst} onClick={() => onMove(-1)}>
        <span aria-hidden="true">↑</span>
      </Button>
      <Button variant="quiet" aria-label={`Move ${name} down`} disabled={isLast} onClick={() => onMove(1)}>
        <span aria-hidden="true">↓</span>
      </Button>
      <Button variant="quiet" aria-label={`Remove ${name}`} onClick={onRemove}>
        Remove
      </Button>
    </div>
  );
}

interface NumberFieldProps {
  /** For those who do not see the row around it. */
  readonly label: string;
  readonly words: string;
  readonly min: number;
  readonly max: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly onSettle?: () => void;
}

function NumberField({ label, words, min, max, value, onChange, onSettle }: NumberFieldProps): ReactNode {
  const id = useId();
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-xs text-muted">
        {words}
      </label>
      <input
        id={id}
        type="number"
        aria-label={label}
        required
        min={min}
        max={max}
        step={1}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
        onBlur={onSettle}
        className="min-h-9 w-24 rounded-lg border border-edge bg-surface px-3 py-1.5 text-sm"
      />
    </div>
  );
}
