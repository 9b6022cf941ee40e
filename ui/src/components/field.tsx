import { useId } from "react";
import type { ComponentProps, ReactNode } from "react";

const CONTROL =
  "min-h-9 w-full rounded-lg border bg-surface px-3 py-1.5 text-sm text-ink placeholder:text-muted";

interface FrameProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly problem?: string | undefined;
}

/** What ties a control to its words. */
function useField({ hint, problem }: Omit<FrameProps, "label">) {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, problem === undefined ? "" : `${id}-problem`];
  return {
    id,
    control: {
      id,
      "aria-invalid": problem === undefined ? undefined : true,
      "aria-describedby": described.join(" ").trim() || undefined,
      className: `${CONTROL} ${problem === undefined ? "border-edge" : "border-bad"}`,
    },
  };
}

function Frame({
  id,
  label,
  hint,
  problem,
  children,
}: FrameProps & { id: string; children: ReactNode }): ReactNode {
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p id={`${id}-problem`} className="text-xs font-medium text-bad">
          {problem}
        </p>
      )}
    </div>
  );
}

/** A line of text with its label. */
export function TextField({
  label,
  hint,
  problem,
  ...rest
}: FrameProps & ComponentProps<"input">): ReactNode {
  const { id, control } = useField({ hint, problem });
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <input type="text" {...rest} {...control} />
    </Frame>
  );
}

/** A choice with its label. */
export function SelectField({
  label,
  hint,
  problem,
  ...rest
}: FrameProps & ComponentProps<"select">): ReactNode {
  const { id, control } = useField({ hint, problem });
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <select {...rest} {...control} />
    </Frame>
  );
}

/** Several lines of text with their label. */
export function AreaField({
  label,
  hint,
  problem,
  ...rest
}: FrameProps & ComponentProps<"textarea">): ReactNode {
  const { id, control } = useField({ hint, problem });
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <textarea rows={3} {...rest} {...control} />
    </Frame>
  );
}
